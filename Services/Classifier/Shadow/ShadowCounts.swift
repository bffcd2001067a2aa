import Language
import Store

/// The counts since the last write: how the labels of a shadow model compare with those in force.
struct ShadowCounts {
  private(set) var tallies: [ShadowTally.Pair: ShadowTally] = [:]
  /// Messages that were not counted because their pair was new and there were too many pairs.
  private(set) var leftOut = 0

  /// Counts messages that both models have labelled.
  ///
  /// - Parameter automaticAt: the confidence from which a message needs no triage.
  mutating func add(champion: [MessageLabels], challenger: [MessageLabels], automaticAt: Double) {
    for (now, then) in zip(champion, challenger) {
      let pair = ShadowTally.Pair(
        champion: now.modelVersion, challenger: then.modelVersion, championCategory: now.category,
        challengerCategory: then.category)
      guard tallies[pair] != nil || tallies.count < ClassifierBounds.shadowPairsKept else {
        leftOut += 1
        continue
      }
      var message = ShadowTally(pair)
      message.messages = 1
      message.championAutomatic = Double(now.confidence) >= automaticAt ? 1 : 0
      message.challengerAutomatic = Double(then.confidence) >= automaticAt ? 1 : 0
      message.championConfidence = Double(now.confidence)
      message.challengerConfidence = Double(then.confidence)
      message.championUnfamiliar = Double(now.unfamiliar)
      message.challengerUnfamiliar = Double(then.unfamiliar)
      add(message)
    }
  }

  /// Returns the counts and starts over.
  mutating func take() -> [ShadowTally] {
    let taken = Array(tallies.values)
    self = ShadowCounts()
    return taken
  }

  /// Restores counts that could not be written.
  mutating func giveBack(_ tallies: [ShadowTally]) {
    for tally in tallies { add(tally) }
  }

  private mutating func add(_ tally: ShadowTally) {
    tallies[tally.pair, default: ShadowTally(tally.pair)].add(tally)
  }
}
