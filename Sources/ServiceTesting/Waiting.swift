// SPDX-License-Identifier: Apache-2.0

/// Something that did not come within its deadline.
package struct DeadlineExceeded: Error, CustomStringConvertible {
    package let description: String
}

/// Waits until `condition` holds, asking again and again. Throws ``DeadlineExceeded`` with `what` when it does not
/// within `limit`, as ``Stopwatch`` measures it.
package func wait(
    for what: @autoclosure () -> String, within limit: Duration = .seconds(20),
    until condition: () async throws -> Bool
) async throws {
    let stopwatch = Stopwatch()
    while try await !condition() {
        if stopwatch.elapsed > limit { throw DeadlineExceeded(description: "not within \(limit): \(what())") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
