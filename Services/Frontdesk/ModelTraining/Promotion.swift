import CommandLineTool
import Foundation
import Language
package import Store

/// A comparison of two model files, after which the new one may take over.
package struct Promotion {
  private let folder: ModelFolder
  private let champion: MessageClassifier
  private let challenger: MessageClassifier
  private let also: [LabelledExample]?

  /// Reads the files.
  /// - Parameters:
  ///   - over: the classifiers' model file.
  ///   - challenger: the file of the new model.
  ///   - also: a labelled file.
  ///   - encoder: the encoder pack of the second stages.
  /// - Throws: `CommandFailure` for what cannot be read.
  package init(over: String, challenger: String, also: String? = nil, encoder: String? = nil) throws {
    folder = ModelFolder(live: over)
    (champion, self.challenger, self.also) = try ModelMaker.explaining {
      let encoder = try encoder.map { try EncoderPack.readEncoder(path: $0) }
      return (
        MessageClassifier(model: try ModelFile.read(path: over), encoder: encoder),
        MessageClassifier(model: try ModelFile.read(path: challenger), encoder: encoder),
        try also.map { try LabelledCSV.read(path: $0) }
      )
    }
  }

  /// Compares the two on what the desk has.
  /// - Parameters:
  ///   - recent: the number of latest messages.
  ///   - shadowed: the number of live messages that the new one must have labelled; 0 requires none.
  package func compare(in store: DeskStore, recent: Int = 2_000, shadowed: Int = 0) async throws -> PromotionReport {
    let corrections = try await CorrectedExamples.read(store)
    let messages = try await store.learning.recentMessages(limit: recent)
    let shadow = try await ShadowReport.read(
      store, champion: champion.model.version, challenger: challenger.model.version)
    return PromotionReport(
      champion: champion, challenger: challenger, corrections: corrections.heldOut, also: also,
      recent: messages.map { MessageText(subject: $0.subject, text: $0.body) }, shadow: shadow,
      shadowedAtLeast: shadowed)
  }

  /// Puts the new one into force. Repeating it is harmless.
  package func takeOver() throws {
    try ModelMaker.explaining { try folder.takeOver(challenger.model) }
  }
}
