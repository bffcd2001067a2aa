/// An encoder's scratch memory: a cache of per-piece results, and buffers for one batch of texts.
///
/// A few thousand pieces make up most messages, and the per-piece computation, a third of the work, is done once for each. When
/// the cache is full it is cleared. Only one task may use a workspace at a time.
public final class EncoderWorkspace {
  let encoder: SentenceEncoder
  private let rememberedPieces: Int
  /// `rememberedPieces` times `encoder.remembered` numbers; memory pages that were never written cost nothing.
  let memory: UnsafeMutablePointer<Float>
  /// The slot of each piece in the cache, or -1.
  private var slots: [Int32]
  private var used = 0
  /// Buffers for one batch of texts, by use.
  let states: Buffer
  let windows: Buffer
  let features: Buffer
  let sentences: Buffer
  var segmentation = PieceSegmenter.Scratch()

  /// A buffer that grows on demand.
  final class Buffer {
    private(set) var base: UnsafeMutablePointer<Float>
    private var capacity: Int

    init() {
      capacity = 1
      base = .allocate(capacity: 1)
    }

    deinit { base.deallocate() }

    /// Reserves space for `count` numbers; the content is lost when it grows.
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

  /// - Parameter rememberedPieces: at least the number of distinct pieces in one batch of texts.
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

  /// Ensures that all these pieces are cached.
  ///
  /// - Parameter pieces: at most `rememberedPieces` distinct pieces.
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

  /// Returns the cached results of a piece.
  @inline(__always)
  func recall(_ piece: Int32) -> UnsafePointer<Float> {
    UnsafePointer(memory + Int(slots[Int(piece)]) * encoder.remembered)
  }

  /// Returns each piece that is not cached yet, once.
  private func missing(of pieces: some Sequence<Int32>) -> [Int32] {
    var missing: [Int32] = []
    for piece in pieces where slots[Int(piece)] < 0 {
      // Marked so that it is listed only once; `remember` assigns its slot.
      slots[Int(piece)] = 0
      missing.append(piece)
    }
    for piece in missing { slots[Int(piece)] = -1 }
    return missing
  }
}
