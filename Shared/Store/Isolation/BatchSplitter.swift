/// Halves a batch that was refused until what is at fault stands alone, so that its neighbours go on. Pure.
///
/// ```swift
/// var splitter = BatchSplitter(steps, attempts: StoreBounds.partsPerBatch)
/// while let part = splitter.next() {
///   do { try await write(part) } catch { if let alone = splitter.refuse(part) { setAside(alone) } }
/// }
/// ```
public struct BatchSplitter<Element> {
  /// The parts to try, the first one last.
  private var parts: [ArraySlice<Element>]
  private var attempts: Int

  /// - Parameter attempts: how many parts are tried at most, the whole batch among them. What is left then is for the next round.
  public init(_ batch: [Element], attempts: Int) {
    parts = batch.isEmpty ? [] : [batch[...]]
    self.attempts = attempts
  }

  /// Elements that have not been tried, or were refused together with others.
  public var left: Int { parts.reduce(0) { $0 + $1.count } }

  /// The next part to try, in the batch's order; nil when everything was tried, or the attempts are used up.
  public mutating func next() -> ArraySlice<Element>? {
    guard attempts > 0, let part = parts.popLast() else { return nil }
    attempts -= 1
    return part
  }

  /// Notes that a part was refused.
  /// - Returns: the element that is at fault; nil when there were several, which are then tried apart.
  public mutating func refuse(_ part: ArraySlice<Element>) -> Element? {
    guard part.count > 1 else { return part.first }
    let middle = part.startIndex + part.count / 2
    parts.append(part[middle...])
    parts.append(part[..<middle])
    return nil
  }

  /// Leaves elements out of everything that is still to be tried.
  public mutating func leaveOut(where isOut: (Element) -> Bool) {
    parts = parts.map { part in part.filter { !isOut($0) }[...] }.filter { !$0.isEmpty }
  }
}
