/// The content of a timeline entry of one kind, without its actor and time.
protocol TimelinePayload: Hashable, Sendable {
  /// A payload without any member, to be filled by reading.
  init()
  /// Passes every member with its JSON key, in the order written.
  mutating func visit(_ members: inout some TimelineMembers)
}

extension TimelinePayload {
  /// Reads the stored form.
  init(reading detail: JSONValue) {
    self.init()
    var reader = TimelineReader(detail: detail)
    visit(&reader)
  }

  /// The stored form.
  var detail: JSONValue { .object(fields) }

  /// The stored form as text.
  var json: String {
    var copy = self
    var writer = TimelineTextWriter()
    copy.visit(&writer)
    return writer.finished
  }

  /// The members of the stored form.
  var fields: [JSONValue.Field] {
    var copy = self
    var writer = TimelineWriter()
    copy.visit(&writer)
    return writer.fields
  }

  /// The JSON keys.
  var keys: [String] {
    var copy = self
    var lister = TimelineKeyLister()
    copy.visit(&lister)
    return lister.keys
  }
}

/// Takes the members of a payload one after the other: writes them, or fills them in.
protocol TimelineMembers {
  /// A member that is left out when it is nil.
  mutating func member<Value: TimelineValue>(_ key: String, _ value: inout Value?)
  /// A member that is left out when it is nil, and that earlier builds wrote under another key.
  mutating func member<Value: TimelineValue>(_ key: String, formerly: String, _ value: inout Value?)
  /// A member that is written as null when it is nil.
  mutating func nullable<Value: TimelineValue>(_ key: String, _ value: inout Value?)
}

extension TimelineMembers {
  mutating func member<Value: TimelineValue>(_ key: String, formerly: String, _ value: inout Value?) {
    member(key, &value)
  }

  /// A list that is left out when it is empty.
  mutating func list<Element: TimelineValue>(_ key: String, _ elements: inout [Element]) {
    var stored = elements.isEmpty ? nil : elements
    member(key, &stored)
    elements = stored ?? []
  }

  /// A member that is left out when it has its usual value.
  mutating func member<Value: TimelineValue>(_ key: String, unless usual: Value?, _ value: inout Value?) {
    var stored = value == usual ? nil : value
    member(key, &stored)
    value = stored ?? usual
  }

  /// A flag that is left out when it is false.
  mutating func flag(_ key: String, _ flag: inout Bool) {
    var stored = flag ? true : nil
    member(key, &stored)
    flag = stored ?? false
  }
}

private struct TimelineWriter: TimelineMembers {
  var fields: [JSONValue.Field] = []

  mutating func member<Value: TimelineValue>(_ key: String, _ value: inout Value?) {
    if let value { fields.append(.init(key, value.timelineValue)) }
  }

  mutating func nullable<Value: TimelineValue>(_ key: String, _ value: inout Value?) {
    fields.append(.init(key, value?.timelineValue ?? .null))
  }
}

private struct TimelineTextWriter: TimelineMembers {
  private var json = JSONText()

  init() { json.begin("{") }

  var finished: String {
    mutating get {
      json.end("}")
      return json.string
    }
  }

  mutating func member<Value: TimelineValue>(_ key: String, _ value: inout Value?) {
    guard let value else { return }
    json.name(key)
    value.write(to: &json)
  }

  mutating func nullable<Value: TimelineValue>(_ key: String, _ value: inout Value?) {
    json.name(key)
    if let value { value.write(to: &json) } else { json.writeNull() }
  }
}

private struct TimelineReader: TimelineMembers {
  let detail: JSONValue

  mutating func member<Value: TimelineValue>(_ key: String, _ value: inout Value?) {
    value = detail[key].flatMap { Value(timelineValue: $0) }
  }

  mutating func member<Value: TimelineValue>(_ key: String, formerly: String, _ value: inout Value?) {
    member(key, &value)
    if value == nil { member(formerly, &value) }
  }

  mutating func nullable<Value: TimelineValue>(_ key: String, _ value: inout Value?) { member(key, &value) }
}

private struct TimelineKeyLister: TimelineMembers {
  var keys: [String] = []

  mutating func member<Value: TimelineValue>(_ key: String, _ value: inout Value?) { keys.append(key) }

  mutating func nullable<Value: TimelineValue>(_ key: String, _ value: inout Value?) { keys.append(key) }
}
