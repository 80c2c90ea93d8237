package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.text.Curl;
import io.fermata.api.view.RecoveryView;
import io.fermata.migration.Recovery;
import io.fermata.migration.Recovery.State;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * While nothing is driven, nothing can be asked to be done with migrations and devices. Whatever
 * only asks is answered, from the journal.
 */
@Component
class Quarantine implements HandlerInterceptor {
  private final Recovery recovery;

  Quarantine(Recovery recovery) {
    this.recovery = recovery;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    Recovery.View view = recovery.view();
    boolean drives = view.state() == State.OPEN || view.state() == State.HELD;
    boolean asks = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
    if (drives || asks) {
      return true;
    }
    Problem problem =
        Problem.of(ProblemCode.RECOVERY_QUARANTINE, RecoveryView.reason(view))
            .withNext(Curl.get("/recovery"));
    throw new Refused(problem);
  }
}
