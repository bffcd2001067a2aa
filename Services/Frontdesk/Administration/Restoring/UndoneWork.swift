/// What to do about audited changes that a restore has undone, by kind.
enum UndoneWork {
  /// The remedy for entries of a kind; nil for what repeats itself, or ended with the restore.
  static func remedy(for kind: String) -> String? {
    switch kind {
    case "key.revoked", "key.rotated", "key.deleted":
      "these keys are valid again: revoke each with `frontdesk keys revoke`"
    case "curve_key.revoked", "curve_key.deleted":
      "these keys are valid again: revoke each with `frontdesk keys curve-revoke`"
    case "key.created", "curve_key.created": "these keys do not exist any more: create new ones and hand them out"
    case "customer.erased":
      "these customers' data are back: erase each again with `frontdesk erase`; the entries do not name them, your list of requests does"
    case "policy.applied": "apply the newest file again with `frontdesk apply`"
    case "hook.disabled": "pause these hooks again with `frontdesk hooks pause`"
    case "hook.enabled": "these hooks are paused again: resume them with `frontdesk hooks resume`"
    case "dead_letter.replayed":
      "these dead letters wait again, and a replay repeats what it delivered: see `frontdesk dead-letters`"
    case "schema.migrated": "run `frontdesk migrate` before the services start"
    case "role.granted": "run `frontdesk migrate --service-role` before the services start"
    case "session.opened", "session.ended", "sign_in_link.created":
      "`frontdesk restore settle` ends all sessions and links; people sign in again"
    // Background work that the desk does again by itself.
    case "timeline.sealed", "retention.dropped", "retention.forgotten", "capacity.raised", "capacity.lowered": nil
    default: "look at each in the file, and do it again where it still matters"
    }
  }
}
