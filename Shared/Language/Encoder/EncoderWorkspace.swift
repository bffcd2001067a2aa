/// What an encoder works in: what it remembers of word pieces it has met, and room for one group of texts.
///
/// A few thousand pieces make up most of what people write, and what depends on a piece alone, a third of the work, is done once
/// for each. When the room is full everything is forgotten and begun anew. One task uses it at a time.
public final class EncoderWorkspace {
  let encoder: SentenceEncoder
  private let rememberedPieces: Int
  /// `rememberedPieces` times `encoder.remembered` numbers; pages of it that were never written cost nothing.
  let memory: UnsafeMutablePointer<Float>
  /// The place of each piece in the memory, or -1.
  private var slots: [Int32]
  private var used = 0
  /// Numbers of one group of texts, by use.
  let states: Buffer
  let windows: Buffer
  let features: Buffer
  let sentences: Buffer
  var segmentation = PieceSegmenter.Scratch()

  /// Room that grows to what was needed.
  final class Buffer {
    private(set) var base: UnsafeMutablePointer<Float>
    private var capacity: Int

    init() {
      capacity = 1
      base = .allocate(capacity: 1)
    }

    deinit { base.deallocate() }

    /// Room for so many numbers; what was in it is lost when it grows.
    func reserve(_ count: Int) -> UnsafeMutablePointer<Float> {
      if count > capacity {
        base.deallocate()
        base = .allocate(capacity: count)
        capacity = count
      }
      return base
    }
  }

  public convenience init(_ encoder: SentenceEncoder) {
    self.init(encoder, rememberedPieces: LanguageLimits.rememberedPieces)
  }

  /// - Parameter rememberedPieces: at least the different pieces of one group of texts.
  init(_ encoder: SentenceEncoder, rememberedPieces: Int) {
    self.encoder = encoder
    self.rememberedPieces = rememberedPieces
    memory = .allocate(capacity: rememberedPieces * encoder.remembered)
    slots = [Int32](repeating: -1, count: encoder.rows.count)
    states = Buffer()
    windows = Buffer()
    features = Buffer()
    sentences = Buffer()
  }

  deinit { memory.deallocate() }

  /// Makes sure that all these pieces are remembered.
  ///
  /// - Parameter pieces: at most `rememberedPieces` different ones.
  func remember(_ pieces: some Sequence<Int32>) {
    var missing = missing(of: pieces)
    if used + missing.count > rememberedPieces {
      for slot in slots.indices { slots[slot] = -1 }
      used = 0
      missing = self.missing(of: pieces)
    }
    guard !missing.isEmpty else { return }
    encoder.project(missing, into: memory + used * encoder.remembered, rows: features)
    for piece in missing {
      slots[Int(piece)] = Int32(used)
      used += 1
    }
  }

  /// What is remembered of a piece.
  @inline(__always)
  func recall(_ piece: Int32) -> UnsafePointer<Float> {
    UnsafePointer(memory + Int(slots[Int(piece)]) * encoder.remembered)
  }

  /// Each piece once that is not remembered yet.
  private func missing(of pieces: some Sequence<Int32>) -> [Int32] {
    var missing: [Int32] = []
    for piece in pieces where slots[Int(piece)] < 0 {
      // Marked, so that it is met once only; `remember` gives it its place.
      slots[Int(piece)] = 0
      missing.append(piece)
    }
    for piece in missing { slots[Int(piece)] = -1 }
    return missing
  }
}
