package io.fermata.api.problem;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the servlet container shows for errors that Spring did not answer. */
@RestController
class ProblemPages implements ErrorController {
  @RequestMapping("${server.error.path:${error.path:/error}}")
  ResponseEntity<byte[]> page(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    ProblemCode code =
        status instanceof Integer number ? ProblemCode.ofStatus(number) : ProblemCode.NOT_FOUND;
    return ProblemAnswer.of(Problem.of(code, code.title()), request, new HttpHeaders());
  }
}
