package io.fermata.api.problem;

import java.util.List;

/** Ends a request with a problem document. Nothing was changed. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public Refused(Problem problem) {
    // No stack trace: a refusal is an answer, and the caller's mistake is not worth walking a
    // stack.
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  /** Refuses with one sentence. */
  public static Refused because(ProblemCode code, String detail) {
    return new Refused(Problem.of(code, detail));
  }

  /** Refuses for one field. */
  public static Refused field(String field, String code, String detail) {
    return new Refused(
        Problem.of(ProblemCode.INVALID_REQUEST, List.of(Violation.of(field, code, detail))));
  }

  /** What to answer. */
  public Problem problem() {
    return problem;
  }
}
