/// The quarters of an hour of a plan, and where shifts may be on them.
struct ShiftGrid: Sendable {
  /// A start of a template, in slots; negative before the plan begins.
  struct Start: Hashable, Sendable {
    let template: Int
    let slot: Int
  }

  /// A break that may be at several places, in slots from the start of a shift.
  struct Window: Hashable, Sendable {
    let places: ClosedRange<Int>
    let length: Int
  }

  let templates: [ShiftTemplate]
  /// The number of slots.
  let count: Int
  /// All starts of shifts that work in the plan, sorted by slot.
  let starts: [Start]
  /// Of each template: its length and the windows of its breaks, in slots.
  let lengths: [Int]
  let windows: [[Window]]
  private let start: Instant

  private static let slotLength = Duration.seconds(60 * StaffingBounds.gridMinutes)

  init(from start: Instant, to end: Instant, templates: [ShiftTemplate], zone: ZoneOffsets) {
    self.templates = templates
    self.start = start
    let slot = Self.slotLength.wholeMicroseconds
    let count = Int(((end - start).wholeMicroseconds + slot - 1) / slot)
    self.count = count
    let lengths = templates.map { $0.minutes / StaffingBounds.gridMinutes }
    self.lengths = lengths
    windows = templates.map { template in
      template.breaks.map {
        Window(
          places: $0.window.lowerBound / StaffingBounds.gridMinutes...$0.window.upperBound / StaffingBounds.gridMinutes,
          length: $0.minutes / StaffingBounds.gridMinutes)
      }
    }
    var starts: Set<Start> = []
    // Shifts of the evening before may reach into the plan.
    for day in (zone.localDay(of: start) - 1)...zone.localDay(of: end) {
      for (number, template) in templates.enumerated() {
        for minute in template.starts {
          let (quotient, rest) = (zone.instant(day: day, minute: minute) - start).wholeMicroseconds
            .quotientAndRemainder(dividingBy: slot)
          let place = Int(quotient) - (rest < 0 ? 1 : 0)
          if place < count, place + lengths[number] > 0 { starts.insert(Start(template: number, slot: place)) }
        }
      }
    }
    self.starts = starts.sorted { ($0.slot, $0.template) < ($1.slot, $1.template) }
  }

  func instant(of slot: Int) -> Instant { start + Self.slotLength * slot }

  /// The slots that a stretch of time touches.
  func slots(from first: Instant, to end: Instant) -> Range<Int> {
    let slot = Self.slotLength.wholeMicroseconds
    let low = Int((first - start).wholeMicroseconds / slot)
    let high = Int(((end - start).wholeMicroseconds + slot - 1) / slot)
    return max(0, low)..<max(0, low, min(count, high))
  }

  func shift(_ placed: PlacedShift, queue: QueueID) -> ShiftPlan.Shift {
    ShiftPlan.Shift(
      queue: queue, template: templates[placed.template].name, start: instant(of: placed.slot),
      end: instant(of: placed.slot + placed.length),
      breaks: placed.breaks.map { instant(of: $0.lowerBound)..<instant(of: $0.upperBound) })
  }
}

/// A shift on the grid.
struct PlacedShift: Hashable, Sendable {
  let template: Int
  let slot: Int
  let length: Int
  /// In slots of the grid.
  let breaks: [Range<Int>]

  /// The stretches that it works, as far as they are on a grid of `count` slots.
  func worked(within count: Int) -> [Range<Int>] {
    var stretches: [Range<Int>] = []
    var from = slot
    for pause in breaks + [slot + length..<slot + length] {
      let (low, high) = (max(0, from), min(count, pause.lowerBound))
      if low < high { stretches.append(low..<high) }
      from = pause.upperBound
    }
    return stretches
  }
}
