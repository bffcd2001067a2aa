/// Segments a normalised text into the pieces of a unigram vocabulary with the highest sum of scores (Kudo, 2018): one pass
/// from left to right, keeping the best path to every position.
///
/// The vocabulary is a trie in breadth-first order in three flat arrays, so that its file format equals its memory layout.
/// The children of a node are adjacent, ascending by their character.
struct PieceSegmenter: Sendable, Equatable {
  /// The character that represents a space in pieces, and precedes the first word.
  static let space: UInt32 = 0x2581

  /// The character that leads to each node; the root's is 0.
  let scalars: [UInt32]
  /// The start of each node's children; one more entry than nodes, the last being the number of nodes.
  let firstChild: [UInt32]
  /// The piece that ends at each node, or -1.
  let piece: [Int32]
  /// The logarithm of each piece's probability.
  let scores: [Float]
  /// The score of a character that no piece covers.
  private let unknownScore: Float
  /// The root's child for each character of the basic plane, or 0.
  private let rootChild: [UInt32]
  /// The node of the space, which has thousands of children, and its child for each character of the basic plane.
  private let spaceNode: Int
  private let spaceChild: [UInt32]

  /// Wraps arrays that were read from a file.
  ///
  /// - Returns: nil if they do not form a trie over `scores.count` pieces.
  init?(scalars: [UInt32], firstChild: [UInt32], piece: [Int32], scores: [Float]) {
    let nodes = scalars.count
    guard nodes > 0, firstChild.count == nodes + 1, piece.count == nodes, firstChild[nodes] == UInt32(nodes),
      piece.allSatisfy({ $0 >= -1 && Int($0) < scores.count })
    else { return nil }
    for node in 0..<nodes where firstChild[node + 1] < firstChild[node] || Int(firstChild[node]) <= node { return nil }
    self.scalars = scalars
    self.firstChild = firstChild
    self.piece = piece
    self.scores = scores
    unknownScore = (scores.min() ?? 0) - 10
    var rootChild = [UInt32](repeating: 0, count: 0x10000)
    for child in Int(firstChild[0])..<Int(firstChild[1]) where scalars[child] < 0x10000 {
      rootChild[Int(scalars[child])] = UInt32(child)
    }
    self.rootChild = rootChild
    spaceNode = Int(rootChild[Int(Self.space)])
    var spaceChild = [UInt32](repeating: 0, count: 0x10000)
    if spaceNode > 0 {
      for child in Int(firstChild[spaceNode])..<Int(firstChild[spaceNode + 1]) where scalars[child] < 0x10000 {
        spaceChild[Int(scalars[child])] = UInt32(child)
      }
    }
    self.spaceChild = spaceChild
  }

  /// Builds the trie.
  ///
  /// - Parameter pieces: each piece's characters, non-empty and distinct; the index is the piece's number.
  init?(pieces: [[UInt32]], scores: [Float]) {
    // Level by level: the nodes of a level are the groups of pieces with equal prefixes, in order.
    let order = pieces.indices.sorted { pieces[$0].lexicographicallyPrecedes(pieces[$1]) }
    var scalars: [UInt32] = [0]
    var firstChild: [UInt32] = []
    var piece: [Int32] = [-1]
    var groups: [(range: Range<Int>, depth: Int)] = [(0..<order.count, 0)]
    var next = 0
    while next < groups.count {
      let (range, depth) = groups[next]
      firstChild.append(UInt32(scalars.count))
      var index = range.lowerBound
      while index < range.upperBound {
        let number = order[index]
        guard pieces[number].count > depth else {
          piece[next] = Int32(number)
          index += 1
          continue
        }
        let scalar = pieces[number][depth]
        var end = index + 1
        while end < range.upperBound && pieces[order[end]][depth] == scalar {
          end += 1
        }
        scalars.append(scalar)
        piece.append(-1)
        groups.append((index..<end, depth + 1))
        index = end
      }
      next += 1
    }
    firstChild.append(UInt32(scalars.count))
    self.init(scalars: scalars, firstChild: firstChild, piece: piece, scores: scores)
  }

  /// Scratch memory that is reused between texts.
  struct Scratch {
    fileprivate var text: [UInt32] = []
    fileprivate var best: [Float] = []
    fileprivate var start: [Int32] = []
    fileprivate var ending: [Int32] = []
    /// The pieces of the last text, last first.
    var pieces: [Int32] = []
  }

  /// Fills `scratch.pieces`. Ties go to the path found first.
  ///
  /// - Parameter unknown: the piece for a character without one; nil to omit it.
  func segment(_ normalised: [UInt32], _ scratch: inout Scratch, unknown: Int32? = nil) {
    scratch.pieces.removeAll(keepingCapacity: true)
    guard !normalised.isEmpty else { return }
    scratch.text.removeAll(keepingCapacity: true)
    scratch.text.append(Self.space)
    for scalar in normalised {
      scratch.text.append(scalar == 0x20 ? Self.space : scalar)
    }
    let end = scratch.text.count
    Self.refill(&scratch.best, with: -Float.infinity, count: end + 1)
    Self.refill(&scratch.start, with: 0, count: end + 1)
    Self.refill(&scratch.ending, with: -1, count: end + 1)
    scratch.best[0] = 0
    scratch.text.withUnsafeBufferPointer { text in
      scratch.best.withUnsafeMutableBufferPointer { best in
        scratch.start.withUnsafeMutableBufferPointer { start in
          scratch.ending.withUnsafeMutableBufferPointer { ending in
            walk(text, best, start, ending)
          }
        }
      }
    }
    var place = end
    while place > 0 {
      if scratch.ending[place] >= 0 {
        scratch.pieces.append(scratch.ending[place])
      } else if let unknown {
        scratch.pieces.append(unknown)
      }
      place = Int(scratch.start[place])
    }
  }

  private static func refill<Element>(_ array: inout [Element], with value: Element, count: Int) {
    array.removeAll(keepingCapacity: true)
    array.append(contentsOf: repeatElement(value, count: count))
  }

  private func walk(
    _ text: UnsafeBufferPointer<UInt32>, _ best: UnsafeMutableBufferPointer<Float>,
    _ start: UnsafeMutableBufferPointer<Int32>, _ ending: UnsafeMutableBufferPointer<Int32>
  ) {
    scalars.withUnsafeBufferPointer { scalars in
      firstChild.withUnsafeBufferPointer { firstChild in
        piece.withUnsafeBufferPointer { piece in
          scores.withUnsafeBufferPointer { scores in
            for from in text.indices {
              let base = best[from]
              var hasSingle = false
              var to = from
              var node =
                text[from] < 0x10000
                ? Int(rootChild[Int(text[from])])
                : Self.child(
                  0, text[from], scalars, firstChild)
              while node > 0 {
                to += 1
                let found = piece[node]
                if found >= 0 {
                  hasSingle = hasSingle || to == from + 1
                  let score = base + scores[Int(found)]
                  if score > best[to] {
                    best[to] = score
                    start[to] = Int32(truncatingIfNeeded: from)
                    ending[to] = found
                  }
                }
                guard to < text.count else { break }
                node =
                  node == spaceNode && text[to] < 0x10000
                  ? Int(spaceChild[Int(text[to])]) : Self.child(node, text[to], scalars, firstChild)
              }
              if !hasSingle && base + unknownScore > best[from + 1] {
                best[from + 1] = base + unknownScore
                start[from + 1] = Int32(truncatingIfNeeded: from)
                ending[from + 1] = -1
              }
            }
          }
        }
      }
    }
  }

  /// Returns the child of a node by its character, or 0.
  @inline(__always)
  private static func child(
    _ node: Int, _ scalar: UInt32, _ scalars: UnsafeBufferPointer<UInt32>, _ firstChild: UnsafeBufferPointer<UInt32>
  ) -> Int {
    var low = Int(firstChild[node])
    let end = Int(firstChild[node + 1])
    var high = end
    while low < high {
      let middle = (low + high) >> 1
      if scalars[middle] < scalar { low = middle + 1 } else { high = middle }
    }
    return low < end && scalars[low] == scalar ? low : 0
  }
}
