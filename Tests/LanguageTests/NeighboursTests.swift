import DeskCore
import Foundation
import Testing

@testable import Language

@Suite struct NeighboursTests {
  private func texts(_ count: Int, seed: UInt64) -> PooledTexts {
    var generator = SeededGenerator(seed: seed)
    var texts = PooledTexts(blocks: 4)
    for _ in 0..<count {
      texts.append((0..<4).map { _ in SIMD8((0..<8).map { _ in Float.random(in: -1...1, using: &generator) + 0.5 }) })
    }
    return texts
  }

  private func numbers(_ row: ArraySlice<SIMD8<Float>>) -> [Double] {
    row.flatMap { block in (0..<8).map { Double(block[$0]) } }
  }

  /// The definition, computed one number at a time.
  private func naive(_ neighbours: Neighbours, _ row: ArraySlice<SIMD8<Float>>, labelCount: Int) -> [Double] {
    let asked = Neighbours.moved(row, by: neighbours.mean).map { Double($0) }
    let nearest = (0..<neighbours.count).map { example in
      zip(neighbours.row(example), asked).reduce(0) { $0 + Double($1.0) * $1.1 }
    }.enumerated().sorted { $0.element > $1.element }.prefix(Neighbours.voters)
    let votes = nearest.map { exp(Double(Neighbours.sharpness) * ($0.element - nearest[0].element)) }
    return (0..<labelCount).map { label in
      let share = zip(nearest, votes).reduce(0) { sum, pair in
        sum + (Int(neighbours.labels[pair.0.offset]) == label ? pair.1 : 0)
      }
      return log(share / votes.reduce(0, +) + Double(Neighbours.floor))
    }
  }

  @Test func votesMatchTheDefinition() {
    let labelCount = 11
    let examples = texts(137, seed: 3)
    // One in twelve belongs to no label and casts no vote.
    let labels = (0..<137).map { $0 % (labelCount + 1) }
    let neighbours = Neighbours(examples, indices: Array(0..<137), labels: labels, share: 1)
    let search = NeighbourSearch(neighbours)
    let asked = texts(9, seed: 4)
    let votes = search.votes(of: (0..<9).map { asked.row($0) }, blocks: 2)
    for place in 0..<9 {
      let expected = naive(neighbours, asked.row(place), labelCount: labelCount)
      for label in 0..<labelCount {
        #expect(abs(Double(votes[place][label >> 3][label & 7]) - expected[label]) < 1e-3, "\(place) \(label)")
      }
    }
  }

  @Test func rowsHaveUnitLengthUpToRounding() {
    let examples = texts(30, seed: 6)
    let neighbours = Neighbours(examples, indices: Array(0..<30), labels: Array(0..<30), share: 1)
    let rows = (0..<30).map { numbers(examples.row($0)) }
    for place in 0..<32 {
      #expect(abs(Double(neighbours.mean[place]) - rows.reduce(0) { $0 + $1[place] } / 30) < 1e-5)
    }
    for example in 0..<30 {
      let exact = Neighbours.moved(examples.row(example), by: neighbours.mean)
      #expect(abs(exact.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
      #expect(neighbours.row(example).count == exact.count)
      for (kept, value) in zip(neighbours.row(example), exact) {
        #expect(abs(kept - value) <= neighbours.scales[example] * 0.501)
      }
    }
  }

  @Test func anExampleIsItsOwnNearestNeighbour() {
    let examples = texts(40, seed: 5)
    let labels = Array(0..<40)
    let search = NeighbourSearch(Neighbours(examples, indices: labels, labels: labels, share: 1))
    let votes = search.votes(of: labels.map { examples.row($0) }, blocks: 5)
    for label in labels {
      let best = labels.max { votes[label][$0 >> 3][$0 & 7] < votes[label][$1 >> 3][$1 & 7] }
      #expect(best == label)
    }
  }

  @Test func onlySomeOfVeryManyExamplesAreKept() {
    let count = LanguageLimits.neighbours + 5
    var many = PooledTexts(blocks: 2)
    many.append((0..<count * 2).map { SIMD8(repeating: Float($0 % 7)) })
    let kept = Neighbours(many, indices: Array(0..<count), labels: (0..<count).map { $0 % 3 }, share: 1)
    #expect(kept.count <= LanguageLimits.neighbours)
    #expect(kept.count >= LanguageLimits.neighbours / 2)
    #expect(Set(kept.labels).count == 3)
  }
}
