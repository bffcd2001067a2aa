import CommandLineTool
import DeskCore
import Simulator

/// A comparison for programs.
struct SimulationReport: Encodable {
  struct Figure: Encodable {
    let mean: Double
    /// Half the width of the 95 % confidence interval; null with one seed.
    @OrNull var halfWidth: Double?

    private enum CodingKeys: String, CodingKey {
      case mean
      case halfWidth = "half_width"
    }

    init(_ interval: ConfidenceInterval) {
      mean = interval.mean
      halfWidth = interval.halfWidth
    }
  }

  struct Step: Encodable {
    let startsAt: String
    let arrived: Int
    let waiting: Double
    @OrNull var shareLate: Double?
    let abandoned: Int
    let staff: Double
    let used: Double
    let routers: Double

    private enum CodingKeys: String, CodingKey {
      case arrived, waiting, abandoned, staff, used, routers
      case startsAt = "starts_at"
      case shareLate = "share_late"
    }
  }

  struct Run: Encodable {
    let seed: UInt64
    let tickets: Int
    let unfinished: Int
    let events: Int
    let figures: [String: Double]
    let steps: [Step]
  }

  struct Variant: Encodable {
    let name: String
    let figures: [String: Figure]
    /// By how much the figures exceed those of the first variant.
    let differences: [String: Figure]
    let runs: [Run]
  }

  let variants: [Variant]

  init(_ comparison: PolicyComparison) {
    variants = comparison.variants.enumerated().map { number, variant in
      var figures: [String: Figure] = [:]
      var differences: [String: Figure] = [:]
      for figure in SimulationFigure.allCases {
        figures[figure.rawValue] = comparison.interval(figure, of: number).map { Figure($0) }
        if number > 0 {
          differences[figure.rawValue] = comparison.difference(figure, of: number).map { Figure($0) }
        }
      }
      return Variant(
        name: variant.name, figures: figures, differences: differences,
        runs: variant.runs.map { SimulationReport.run($0) })
    }
  }

  private static func run(_ run: RunFigures) -> Run {
    let series = run.series
    let steps = series.steps.indices.map { number in
      Step(
        startsAt: RFC3339.text(series.start + series.step * number), arrived: series.steps[number].arrived,
        waiting: series.waiting(number), shareLate: series.shareLate(number), abandoned: series.steps[number].abandoned,
        staff: series.staff(number), used: series.used(number), routers: series.routers(number))
    }
    return Run(
      seed: run.seed.number, tickets: run.arrived, unfinished: run.unfinished, events: run.events,
      figures: Dictionary(uniqueKeysWithValues: run.values.map { ($0.rawValue, $1) }), steps: steps)
  }
}
