/// Halves a rejected batch until the faulty element is isolated, so that the others succeed. Pure.
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

  /// - Parameter attempts: the maximum number of parts to try, including the whole batch. The rest is left for the next round.
  public init(_ batch: [Element], attempts: Int) {
    parts = batch.isEmpty ? [] : [batch[...]]
    self.attempts = attempts
  }

  /// Elements that have not been tried, or were rejected together with others.
  public var left: Int { parts.reduce(0) { $0 + $1.count } }

  /// Returns the next part to try, in the batch's order; nil when everything was tried, or the attempts are used up.
  public mutating func next() -> ArraySlice<Element>? {
    guard attempts > 0, let part = parts.popLast() else { return nil }
    attempts -= 1
    return part
  }

  /// Records that a part was rejected.
  /// - Returns: the faulty element; nil when there were several, which are then tried separately.
  public mutating func refuse(_ part: ArraySlice<Element>) -> Element? {
    guard part.count > 1 else { return part.first }
    let middle = part.startIndex + part.count / 2
    parts.append(part[middle...])
    parts.append(part[..<middle])
    return nil
  }

  /// Removes elements from everything that is still to be tried.
  public mutating func leaveOut(where isOut: (Element) -> Bool) {
    parts = parts.map { part in part.filter { !isOut($0) }[...] }.filter { !$0.isEmpty }
  }
}
