#!/usr/bin/python3
"""Holds devices that it has got from their groups and a container, as older VMMs do.

group-vmm.py SOCKET [take:DEVICE:UUID | keep:DEVICE:UUID]...    and says what the agent answered
"""
import fcntl, os, signal, socket, sys

SET_IOMMU, SET_CONTAINER, GET_DEVICE = 0x3B66, 0x3B68, 0x3B6A
TYPE1V2 = 3
container = os.open("/dev/vfio/vfio", os.O_RDWR)
held = []
for number, (verb, device, uuid) in enumerate(each.split(":") for each in sys.argv[2:]):
    group = os.readlink(f"/sys/bus/mdev/devices/{uuid}/iommu_group").rsplit("/", 1)[1]
    held.append(os.open(f"/dev/vfio/{group}", os.O_RDWR))
    fcntl.ioctl(held[-1], SET_CONTAINER, container.to_bytes(4, sys.byteorder))
    if number == 0:
        fcntl.ioctl(container, SET_IOMMU, TYPE1V2)
    held.append(fcntl.ioctl(held[-1], GET_DEVICE, bytearray(uuid.encode() + b"\0")))
    print(os.readlink(f"/proc/self/fd/{held[-1]}"), flush=True)
    if verb == "take":
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as agent:
            agent.connect(sys.argv[1])
            socket.send_fds(agent, [b"fermata-hold 1 take " + device.encode()], [held[-1]])
            print(agent.recv(512).decode(), flush=True)
print("holding", flush=True)
signal.pause()
