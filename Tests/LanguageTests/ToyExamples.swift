@testable import Language

/// A few examples of three distinct labels, enough for a tiny model.
enum ToyExamples {
  static let all: [LabelledExample] = {
    let texts: [(String, [String])] = [
      ("refund", ["refund me", "I want a refund", "我要退款", "退款到账了吗", "please refund", "申请退款"]),
      ("logistics/late", ["where is my parcel", "parcel is late", "快递到哪了", "快递太慢", "my parcel", "催快递"]),
      ("account", ["reset my password", "password lost", "忘记密码", "密码错误", "new password", "改密码"]),
    ]
    return texts.flatMap { label, texts in texts.map { LabelledExample(text: $0, label: label) } }
  }()

  static func model(seed: UInt64 = 1, encoder: EncoderPack? = nil) throws -> LinearModel {
    var options = TrainingOptions()
    options.seed = seed
    options.costs = [1]
    options.encoder = encoder
    options.encoderWeights = [1]
    options.validation = .folds(3)
    return try Trainer(options: options).train(all).model
  }
}
