// SPDX-License-Identifier: Apache-2.0

/// Something that did not come within its deadline.
package struct DeadlineExceeded: Error, CustomStringConvertible {
    package let description: String
}

/// Waits until `condition` holds, asking again and again. Throws ``DeadlineExceeded`` with `what` when it does not
/// within `limit`.
package func wait(
    for what: @autoclosure () -> String, within limit: Duration = .seconds(20),
    until condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        if ContinuousClock.now > deadline { throw DeadlineExceeded(description: "not within \(limit): \(what())") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
