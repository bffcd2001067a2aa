import Foundation
import Testing

@testable import PolicyReading

/// A small valid policy, and ways to break it.
enum PolicySamples {
  static let sound = """
    version: 1
    calendars:
      office:
        time_zone: Europe/Berlin
        week: { monday..friday: ["09:00-17:00"] }
    teams:
      orders: { title: { zh: 订单组, en: Orders }, lead: ann }
      care: {}
    skills:
      shipping: { title: 物流 }
      rare:
    agents:
      - { id: ann, teams: [orders], skills: { shipping: 8 }, languages: [zh, en], capacity: 4 }
      - { ids: bob-1..bob-3, teams: [care], skills: { rare: 2 } }
    queues:
      parcels:
        teams: [orders]
        skills: { shipping: 5 }
        offer_time: 45s
        relaxation:
          - { after: 2m, proficiency_less: 2 }
          - { after: 5m, teams: [care] }
          - { after: 8m, any_skill: true }
      general: {}
    rules:
      - { name: parcels, when: { category: logistics }, queue: parcels, priority: high }
      - { name: rest, queue: general }
    default_queue: general
    triage: { queue: general, below: 0.35 }
    service_levels:
      - { name: usual, calendar: office, first_response: { high: 30m, normal: 2h }, resolution: 1d, \
    next_response: 1h, warn_at: [50, 80], escalation: \
    [{ after: 0s, tell_lead: true }, { after: 10m, raise_priority: urgent, queue: parcels }] }
    channels:
      web: { weight: 2, reply_hook: replies, reopen_window: 1h30m, mask_personal_data: true }
      app: {}
    hooks:
      replies:
        url: https://example.com/hook
        secret_env: [REPLY_SECRET]
        kinds: [message.replied]

    """

  /// The valid policy with one piece of its text replaced. The piece must occur once.
  static func spoiled(_ piece: String, by replacement: String) throws -> String {
    try #require(sound.components(separatedBy: piece).count == 2, "'\(piece)' occurs once")
    return sound.replacingOccurrences(of: piece, with: replacement)
  }

  /// The mistakes of a text, none when it is valid.
  static func mistakes(in yaml: String, environment: [String: String] = [:]) -> [PolicyMistake] {
    do throws(PolicyMistakes) {
      _ = try PolicyDocument(yaml: yaml, version: 1, environment: environment)
      return []
    } catch {
      return error.mistakes
    }
  }
}
