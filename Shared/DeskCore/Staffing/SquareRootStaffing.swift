import RealModule

/// Square-root staffing: agents for the load R and β√R more, where β says how good the service is.
///
/// With many agents the probability of a wait depends on β alone, so that the reserve grows with the root of the load: a flat share is
/// too little for small teams and too much for large ones (S. Halfin and W. Whitt, "Heavy-traffic limits for queues with many exponential
/// servers", 1981; S. Borst, A. Mandelbaum and M. Reiman, "Dimensioning large call centers", 2004).
public enum SquareRootStaffing {
  /// The probability of a wait in the limit of many patient customers; 1 for a β of 0 or less.
  public static func waitProbability(beta: Double) -> Double {
    guard beta > 0 else { return 1 }
    return 1 / (1 + beta * NormalDistribution.below(beta) / NormalDistribution.density(beta))
  }

  /// The same with customers who give up; β may be negative (O. Garnett, A. Mandelbaum and M. Reiman, "Designing a call center with
  /// impatient customers", 2002, theorem 4).
  /// - Parameter patience: the mean patience in mean handling times, more than 0; infinite gives the limit without abandonment.
  public static func waitProbability(beta: Double, patience: Double) -> Double {
    guard patience.isFinite else { return waitProbability(beta: beta) }
    let root = Double.sqrt(patience)
    return 1 / (1 + NormalDistribution.hazard(beta * root) / (root * NormalDistribution.hazard(-beta)))
  }

  /// Agents for a load: R + β√R, rounded up, at least 1 where there is any load and at most
  /// `StaffingBounds.agents`.
  public static func agents(erlangs: Double, beta: Double) -> Int {
    guard erlangs > 0 else { return 0 }
    let agents = (erlangs + beta * .sqrt(erlangs)).rounded(.up)
    return agents > 1 ? Int(min(agents, Double(StaffingBounds.agents))) : 1
  }

  /// The agents that meet a target in the limit.
  public static func agents(for load: ServiceLoad, target: ServiceTarget) -> Int {
    agents(erlangs: load.erlangs, beta: beta(for: load, target: target))
  }

  /// The least β with which, in the limit, a share of the tickets is answered within the target's time.
  static func beta(for load: ServiceLoad, target: ServiceTarget) -> Double {
    guard load.erlangs > 0 else { return 0 }
    // At the lower end nobody is there. At the upper, a wait is less probable than any target asks.
    var (few, enough) = (-Double.sqrt(load.erlangs), 10.0)
    for _ in 0..<StaffingBounds.halvings {
      let middle = (few + enough) / 2
      if lateShare(beta: middle, load, after: target.withinSeconds) <= 1 - target.share {
        enough = middle
      } else {
        few = middle
      }
    }
    return enough
  }

  /// The share that is not answered within a time. With abandonment the offered wait, given that there is one, is in the limit a normal
  /// variable with the standard deviation 1/√(λθ), cut off at 0 (Garnett, Mandelbaum and Reiman, theorem 2*); patience outlasts a wait x
  /// with the probability e^(-θx), which shifts that variable.
  private static func lateShare(beta: Double, _ load: ServiceLoad, after seconds: Double) -> Double {
    let patience = load.patienceSeconds / load.handlingSeconds
    let waits = waitProbability(beta: beta, patience: patience)
    guard patience.isFinite else {
      return beta > 0 ? waits * .exp(-beta * .sqrt(load.erlangs) * seconds / load.handlingSeconds) : 1
    }
    let start = beta * .sqrt(patience)
    let length = seconds * .sqrt(load.arrivalsPerSecond / load.patienceSeconds)
    let shift = 1 / Double.sqrt(load.arrivalsPerSecond * load.patienceSeconds)
    let answered =
      Double.exp(shift * start + shift * shift / 2)
      * (NormalDistribution.beyond(start + shift, given: start)
        - NormalDistribution.beyond(start + length + shift, given: start))
    return waits * (1 - answered)
  }
}
