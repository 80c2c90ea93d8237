package io.fermata.agent;

import io.fermata.agent.device.kernel.NotHeld;
import io.fermata.device.DeviceName;
import io.fermata.wire.Codec;
import io.fermata.wire.WireFault;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Descriptors that the agent is to get now, or to let go of. Both may be asked again. */
@RestController
@Serving
@RequestMapping("/agent/v1/devices/{device}")
final class HoldApi {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HeldDescriptors descriptors;
  private final Codec codec;

  HoldApi(HeldDescriptors descriptors, Codec codec) {
    this.descriptors = descriptors;
    this.codec = codec;
  }

  /**
   * @param pid the process to adopt it from; null for the way that the settings say
   */
  record Wanted(@Nullable Integer pid) {}

  private record Held(DeviceName device, boolean held) {}

  @PostMapping("/hold")
  ResponseEntity<byte[]> hold(@PathVariable("device") String device, HttpServletRequest http)
      throws IOException {
    byte[] body = HttpBody.read(http);
    Integer pid = body.length == 0 ? null : codec.read(body, Wanted.class).pid();
    DeviceName name = name(device);
    if (pid != null && pid <= 0) {
      throw new WireFault(WireFault.Code.WRONG_VALUE, "a process number is above 0", "pid");
    }
    apart(
        name,
        () -> {
          if (pid == null) {
            descriptors.hold(name);
          } else {
            descriptors.adopt(name, pid);
          }
        });
    return json(new Held(name, true));
  }

  @PostMapping("/release")
  ResponseEntity<byte[]> release(@PathVariable("device") String device) {
    DeviceName name = name(device);
    apart(name, () -> descriptors.release(name));
    return json(new Held(name, false));
  }

  /** On a platform thread: a call into a driver would pin the carrier of a request's thread. */
  private static void apart(DeviceName device, Runnable deed) {
    var task = new FutureTask<>(deed, null);
    Thread.ofPlatform().daemon().name("hold-http").start(task);
    try {
      task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new NotHeld(NotHeld.Code.BUSY, device, "its driver has not answered; look again later");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotHeld(NotHeld.Code.BUSY, device, "the agent is closing");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof NotHeld why ? why : new IllegalStateException(e.getCause());
    }
  }

  private static DeviceName name(String text) {
    try {
      return new DeviceName(text);
    } catch (IllegalArgumentException e) {
      throw new WireFault(WireFault.Code.WRONG_VALUE, String.valueOf(e.getMessage()), "device");
    }
  }

  private ResponseEntity<byte[]> json(Held value) {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(codec.write(value));
  }
}
