internal import DeskCore

/// Turns a normalised text into counted n-grams.
///
/// Chinese runs yield their characters and bigrams (word segmentation measured worse), plus those of `HanGrams` that training
/// found to help. Any other run of letters and digits is a word: it yields its characters, 2- to 5-grams of the word with a boundary
/// before and after it, the word itself, and the pair with the previous word. Symbols and emoji yield themselves. Every
/// n-gram is hashed during the scan, so none is ever built as a string.
public struct FeatureExtractor: Sendable {
  let hanGrams: HanGrams

  public init() { self.init(hanGrams: .pairs) }

  init(hanGrams: HanGrams) { self.hanGrams = hanGrams }

  static let longestWordGram = 5
  /// Number of characters after a negation that count as negated.
  static let negationReach = 5

  /// Adds the n-grams of a text to a cleared counter.
  func count(_ text: NormalisedText, into counter: inout GramCounter) {
    counter.begin(scalarCount: text.scalars.count)
    text.scalars.withUnsafeBufferPointer { scalars in
      text.kinds.withUnsafeBufferPointer { kinds in
        walk(scalars, kinds, &counter)
      }
    }
  }

  private func walk(
    _ scalars: UnsafeBufferPointer<UInt32>, _ kinds: UnsafeBufferPointer<UInt8>, _ counter: inout GramCounter
  ) {
    let end = scalars.count
    var index = 0
    var previousWord: UInt64 = 0
    while index < end {
      switch kinds[index] {
      case ScalarKind.han.rawValue:
        var runEnd = index + 1
        while runEnd < end && kinds[runEnd] == ScalarKind.han.rawValue {
          runEnd += 1
        }
        addRun(scalars, index, runEnd, &counter)
        previousWord = 0
        index = runEnd
      case ScalarKind.word.rawValue:
        var wordEnd = index + 1
        while wordEnd < end && isInsideWord(scalars, kinds, wordEnd) {
          wordEnd += 1
        }
        previousWord = addWord(scalars, index, wordEnd, after: previousWord, &counter)
        index = wordEnd
      case ScalarKind.symbol.rawValue:
        counter.add(GramHash.start(.symbol).adding(scalars[index]))
        index += 1
      default:
        index += 1
      }
    }
  }

  private func addRun(
    _ scalars: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int, _ counter: inout GramCounter
  ) {
    for index in start..<end {
      let hash = GramHash.start(.han).adding(scalars[index])
      counter.add(hash)
      guard index + 1 < end else { break }
      let pair = hash.adding(scalars[index + 1])
      counter.add(pair)
      if hanGrams >= .markedThrees, index + 2 < end { counter.add(pair.adding(scalars[index + 2])) }
    }
    guard hanGrams >= .markedPairs else { return }
    addEdges(scalars, start, end, &counter)
    addNegated(scalars, start, end, &counter)
  }

  /// A run is a clause: its start and end are more informative than the same characters in the middle.
  private func addEdges(
    _ scalars: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int, _ counter: inout GramCounter
  ) {
    let first = GramHash.start(.han).adding(GramHash.border).adding(scalars[start])
    counter.add(first)
    counter.add(GramHash.start(.han).adding(scalars[end - 1]).adding(GramHash.border))
    guard start + 1 < end else { return }
    counter.add(first.adding(scalars[start + 1]))
    counter.add(GramHash.start(.han).adding(scalars[end - 2]).adding(scalars[end - 1]).adding(GramHash.border))
  }

  private func addNegated(
    _ scalars: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int, _ counter: inout GramCounter
  ) {
    var negatedBefore = start
    for index in start..<end {
      if Self.isNegation(scalars[index]) {
        negatedBefore = index + 1 + Self.negationReach
      } else if index < negatedBefore {
        let negated = GramHash.start(.negated).adding(scalars[index])
        counter.add(negated)
        if index + 1 < end { counter.add(negated.adding(scalars[index + 1])) }
      }
    }
  }

  /// Negations (not, have not, without, not yet, do not and similar) as folded by the normaliser.
  @inline(__always)
  static func isNegation(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x4E0D, 0x6CA1, 0x65E0, 0x672A, 0x522B, 0x83AB, 0x975E: true  // 不 没 无 未 别 莫 非
    default: false
    }
  }

  /// An apostrophe between letters belongs to the word ("can't").
  @inline(__always)
  private func isInsideWord(
    _ scalars: UnsafeBufferPointer<UInt32>, _ kinds: UnsafeBufferPointer<UInt8>, _ index: Int
  ) -> Bool {
    if kinds[index] == ScalarKind.word.rawValue { return true }
    return scalars[index] == 0x27 && index + 1 < kinds.count && kinds[index + 1] == ScalarKind.word.rawValue
  }

  /// Returns the word's hash, which is never 0.
  private func addWord(
    _ scalars: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int, after previous: UInt64,
    _ counter: inout GramCounter
  ) -> UInt64 {
    var word = GramHash.start(.word)
    for index in start..<end {
      word = word.adding(scalars[index])
      counter.add(GramHash.start(.characters).adding(scalars[index]))
    }
    counter.add(word)
    if previous != 0 {
      counter.add(GramHash.start(.wordPair).adding(previous).adding(word.state))
    }
    // Positions start - 1 and end stand for the boundaries.
    for from in (start - 1)..<end {
      var hash = GramHash.start(.characters).adding(from < start ? GramHash.border : scalars[from])
      let last = min(from + Self.longestWordGram - 1, end)
      var to = from + 1
      while to <= last {
        hash = hash.adding(to == end ? GramHash.border : scalars[to])
        counter.add(hash)
        to += 1
      }
    }
    return word.state | 1
  }
}

/// What Chinese runs yield in addition to characters and bigrams; each case includes the previous ones.
enum HanGrams: UInt32, Sendable, CaseIterable, Comparable {
  case pairs = 1
  /// Adds the first and last one and two characters of a run with a boundary and, marked as negated, the characters and
  /// bigrams that begin at most `FeatureExtractor.negationReach` characters after a negation.
  case markedPairs = 2
  case markedThrees = 3

  static func < (one: HanGrams, other: HanGrams) -> Bool { one.rawValue < other.rawValue }
}

/// An incremental hash of an n-gram: one multiplication per character, finalised when it is counted.
struct GramHash: Equatable {
  enum Family: UInt64 {
    case han = 0x9AE1_6A3B_2F90_404F
    case negated = 0x8F14_5FE2_0C5A_9D37
    case word = 0xC3A5_C85C_97CB_3127
    case wordPair = 0xB492_B66F_BE98_F273
    case characters = 0x6C8E_9CF5_7093_2BD5
    case symbol = 0xE703_7ED1_A0B4_28DB
  }

  /// Not a valid code point.
  static let border: UInt32 = 0x1FFFFF

  private(set) var state: UInt64

  @inline(__always)
  static func start(_ family: Family) -> GramHash { GramHash(state: family.rawValue) }

  @inline(__always)
  func adding(_ value: UInt32) -> GramHash { adding(UInt64(value)) }

  @inline(__always)
  func adding(_ value: UInt64) -> GramHash {
    let mixed = (state ^ value) &* 0x9E37_79B9_7F4A_7C15
    return GramHash(state: mixed ^ mixed >> 29)
  }

  /// The bucket of the finished n-gram.
  @inline(__always)
  var bucket: UInt32 {
    UInt32(truncatingIfNeeded: ((state ^ state >> 32) &* 0xD6E8_FEB8_6659_FD93) >> (64 - LanguageLimits.bucketBits))
  }
}

/// Counts the buckets of one text in an open-addressing table that is sized to the text and reused, so that it stays in the
/// L1 cache and allocates nothing once grown.
struct GramCounter {
  /// Bucket + 1; 0 is free.
  private var keys: [UInt32] = []
  private var counts: [UInt32] = []
  /// Slots in order of their bucket's first occurrence.
  private var used: [Int32] = []
  private var mask = 0

  /// A scalar yields at most 5 n-grams that start at it, a boundary 4 more per word or run, a word 2: always fewer than 12 per scalar.
  private static let slotsPerScalar = 16

  mutating func begin(scalarCount: Int) {
    for slot in used {
      keys[Int(slot)] = 0
    }
    used.removeAll(keepingCapacity: true)
    var capacity = 64
    while capacity < scalarCount * Self.slotsPerScalar {
      capacity *= 2
    }
    if capacity > keys.count {
      keys = [UInt32](repeating: 0, count: capacity)
      counts = [UInt32](repeating: 0, count: capacity)
    }
    mask = capacity - 1
  }

  @inline(__always)
  mutating func add(_ hash: GramHash) {
    let bucket = hash.bucket
    let key = bucket + 1
    var slot = Int((bucket &* 0x9E37_79B1) >> 12) & mask
    while true {
      let held = keys[slot]
      if held == key {
        counts[slot] += 1
        return
      }
      if held == 0 {
        keys[slot] = key
        counts[slot] = 1
        used.append(Int32(truncatingIfNeeded: slot))
        return
      }
      slot = (slot + 1) & mask
    }
  }

  var distinct: Int { used.count }

  /// Calls `body` with each bucket and its count, in order of first occurrence.
  @inline(__always)
  func forEach(_ body: (_ bucket: Int, _ count: Int) -> Void) {
    for slot in used {
      body(Int(keys[Int(slot)] - 1), Int(counts[Int(slot)]))
    }
  }
}
