internal import DeskCore

/// Finds the phrases of a word list in a normalised text.
///
/// Phrases are normalised like texts. If several start at one position the longest wins, and the search continues after
/// it, so that "not bad" masks "bad". A phrase of letters matches whole words; a star at its end matches any continuation of
/// the last word ("threat*"). Chinese phrases match anywhere in a run.
struct PhraseMatcher: Sendable {
  /// A match: the phrase's index in the list, and its range.
  struct Match: Equatable {
    let phrase: Int
    let range: Range<Int>
  }

  private struct Phrase: Sendable {
    let number: Int
    let scalars: [UInt32]
    /// Whether the character after the phrase must not continue its last word.
    let endsWord: Bool
  }

  /// Phrases by a hash of their first two scalars, longest first; single-scalar phrases have their own bucket.
  private var buckets: [[Phrase]]
  private static let bucketCount = 4_096

  init(_ phrases: [String]) {
    buckets = [[Phrase]](repeating: [], count: Self.bucketCount)
    let normaliser = Normaliser()
    for (number, phrase) in phrases.enumerated() {
      let isOpen = phrase.hasSuffix("*")
      let normalised = normaliser.normalise(isOpen ? String(phrase.dropLast()) : phrase)
      guard let first = normalised.scalars.first, let lastKind = normalised.kinds.last else { continue }
      let second = normalised.scalars.count > 1 ? normalised.scalars[1] : 0
      let entry = Phrase(
        number: number, scalars: normalised.scalars, endsWord: !isOpen && lastKind == ScalarKind.word.rawValue)
      buckets[Self.bucket(first, second)].append(entry)
    }
    for index in buckets.indices {
      buckets[index].sort { ($1.scalars.count, $0.number) < ($0.scalars.count, $1.number) }
    }
  }

  /// Replaces the content of `matches` with the matches, from left to right.
  func find(in text: NormalisedText, into matches: inout [Match]) {
    matches.removeAll(keepingCapacity: true)
    let end = text.scalars.count
    var index = 0
    text.scalars.withUnsafeBufferPointer { scalars in
      text.kinds.withUnsafeBufferPointer { kinds in
        while index < end {
          let kind = kinds[index]
          let isWord = kind == ScalarKind.word.rawValue
          if kind == ScalarKind.space.rawValue || isWord && index > 0 && kinds[index - 1] == kind {
            index += 1
            continue
          }
          let next = index + 1 < end ? scalars[index + 1] : 0
          var found = longest(at: index, in: scalars, kinds, bucket: Self.bucket(scalars[index], next))
          if found == nil && next != 0 {
            found = longest(at: index, in: scalars, kinds, bucket: Self.bucket(scalars[index], 0))
          }
          if let found {
            matches.append(found)
            index = found.range.upperBound
          } else {
            index += 1
          }
        }
      }
    }
  }

  @inline(__always)
  private static func bucket(_ first: UInt32, _ second: UInt32) -> Int {
    Int((first &* 0x9E37_79B1 ^ second &* 0x85EB_CA6B) >> 20)
  }

  @inline(__always)
  private func longest(
    at start: Int, in scalars: UnsafeBufferPointer<UInt32>, _ kinds: UnsafeBufferPointer<UInt8>, bucket: Int
  ) -> Match? {
    for phrase in buckets[bucket] {
      let stop = start + phrase.scalars.count
      guard stop <= scalars.count else { continue }
      var offset = 0
      while offset < phrase.scalars.count && scalars[start + offset] == phrase.scalars[offset] {
        offset += 1
      }
      guard offset == phrase.scalars.count else { continue }
      if phrase.endsWord && stop < kinds.count && kinds[stop] == ScalarKind.word.rawValue { continue }
      return Match(phrase: phrase.number, range: start..<stop)
    }
    return nil
  }
}

extension NormalisedText {
  /// Whether the first range applies to the second: only a few characters or words between them, and no punctuation.
  func isClose(_ first: Range<Int>, before second: Range<Int>, han: Int, words: Int) -> Bool {
    guard first.upperBound <= second.lowerBound else { return false }
    var hanSeen = 0
    var spacesSeen = 0
    for index in first.upperBound..<second.lowerBound {
      switch kinds[index] {
      case ScalarKind.symbol.rawValue: return false
      case ScalarKind.han.rawValue: hanSeen += 1
      case ScalarKind.space.rawValue: spacesSeen += 1
      default: break
      }
    }
    return hanSeen <= han && spacesSeen <= words + 1
  }
}
