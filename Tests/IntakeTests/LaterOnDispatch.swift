import DeskCore
import Dispatch

/// The timer of commits where no event thread is at hand.
let laterOnDispatch: @Sendable (Duration, @escaping @Sendable () -> Void) -> Void = { duration, end in
  DispatchQueue.global().asyncAfter(deadline: .now() + duration.inSeconds, execute: end)
}
