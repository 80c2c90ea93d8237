package io.fermata.agent;

import io.fermata.agent.device.emulated.EmulatedHost;
import io.fermata.agent.device.emulated.Fault;
import io.fermata.agent.device.emulated.Tally;
import io.fermata.device.DeviceName;
import io.fermata.wire.Codec;
import io.fermata.wire.WireFault;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** For emulated devices only: make something go wrong, and read what the device model counted. */
@RestController
@Serving
@ConditionalOnProperty(name = "fermata.agent.backend", havingValue = "emulated")
@RequestMapping("/agent/v1/emulated")
final class EmulatedApi {
  private final EmulatedHost host;
  private final Codec codec;

  EmulatedApi(HostDevices devices, Codec codec) {
    this.host = devices.emulated().orElseThrow();
    this.codec = codec;
  }

  /** A fault and the device that is to have it. */
  record Injection(DeviceName device, Fault fault) {}

  private record Released(boolean released) {}

  @PostMapping("/faults")
  ResponseEntity<byte[]> inject(HttpServletRequest http) throws IOException {
    Injection wanted = codec.read(HttpBody.read(http), Injection.class);
    known(wanted.device());
    host.inject(wanted.device(), wanted.fault());
    return json(wanted);
  }

  /** Lets a call go on that hangs. */
  @PostMapping("/devices/{device}/release")
  ResponseEntity<byte[]> release(@PathVariable("device") String device) {
    return json(new Released(host.release(known(HttpBody.device(device)))));
  }

  /** A virtual CPU touches the device, paused or not. */
  @PostMapping("/devices/{device}/doorbell")
  ResponseEntity<byte[]> doorbell(@PathVariable("device") String device) {
    host.doorbell(known(HttpBody.device(device)));
    return json(host.tally());
  }

  @GetMapping("/counters")
  ResponseEntity<byte[]> counters() {
    Tally tally = host.tally();
    return json(tally);
  }

  private DeviceName known(DeviceName name) {
    if (!host.contents().containsKey(name)) {
      String detail = "no emulated device is called " + name;
      throw new WireFault(WireFault.Code.WRONG_VALUE, detail, "device");
    }
    return name;
  }

  private ResponseEntity<byte[]> json(Object value) {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(codec.write(value));
  }
}
