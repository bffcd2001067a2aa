/// A sorted set in buckets: many short sorted arrays instead of one long one.
///
/// Finding, inserting or removing one of n elements takes two binary searches and a move inside one bucket, so a million elements cost
/// little more than a thousand. The first element is available at once.
package struct SortedBuckets<Element: Comparable & Sendable>: Sendable {
  /// A bucket is split when it grows beyond this.
  private static var bucketLimit: Int { 512 }

  /// Every bucket is sorted and not empty, and all elements of one come before all of the next.
  private var buckets: [[Element]] = []
  package private(set) var count = 0

  package var isEmpty: Bool { count == 0 }
  package var first: Element? { buckets.first?.first }
  package var last: Element? { buckets.last?.last }

  package init() {}

  /// The bucket that contains an element or to which it belongs.
  private func bucket(for element: Element) -> Int {
    var low = 0
    var high = buckets.count
    while low < high {
      let middle = (low + high) / 2
      if buckets[middle][buckets[middle].count - 1] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func place(of element: Element, in bucket: [Element]) -> Int {
    var low = 0
    var high = bucket.count
    while low < high {
      let middle = (low + high) / 2
      if bucket[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Adds an element; an existing one stays as it is.
  package mutating func insert(_ element: Element) {
    guard !buckets.isEmpty else {
      buckets = [[element]]
      count = 1
      return
    }
    let number = Swift.min(bucket(for: element), buckets.count - 1)
    let place = Self.place(of: element, in: buckets[number])
    if place < buckets[number].count, buckets[number][place] == element { return }
    buckets[number].insert(element, at: place)
    count += 1
    if buckets[number].count > Self.bucketLimit {
      let half = buckets[number].count / 2
      let upper = Array(buckets[number][half...])
      buckets[number].removeSubrange(half...)
      buckets.insert(upper, at: number + 1)
    }
  }

  /// Removes an element.
  /// - Returns: whether it was there.
  @discardableResult
  package mutating func remove(_ element: Element) -> Bool {
    let number = bucket(for: element)
    guard number < buckets.count else { return false }
    let place = Self.place(of: element, in: buckets[number])
    guard place < buckets[number].count, buckets[number][place] == element else { return false }
    buckets[number].remove(at: place)
    if buckets[number].isEmpty { buckets.remove(at: number) }
    count -= 1
    return true
  }
}

extension SortedBuckets {
  /// The number of elements before one, which need not be in the set.
  package func count(before element: Element) -> Int {
    let number = bucket(for: element)
    guard number < buckets.count else { return count }
    return buckets[..<number].reduce(0) { $0 + $1.count } + Self.place(of: element, in: buckets[number])
  }

  /// The elements from one on, which need not be in the set, smallest first.
  package func elements(from element: Element, limit: Int) -> [Element] {
    var found: [Element] = []
    var number = bucket(for: element)
    guard number < buckets.count else { return found }
    var place = Self.place(of: element, in: buckets[number])
    while found.count < limit, number < buckets.count {
      if place == buckets[number].count {
        number += 1
        place = 0
        continue
      }
      found.append(buckets[number][place])
      place += 1
    }
    return found
  }
}

extension SortedBuckets: Sequence {
  /// All elements, smallest first.
  package func makeIterator() -> FlattenSequence<[[Element]]>.Iterator {
    buckets.joined().makeIterator()
  }
}
