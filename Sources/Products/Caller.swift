// SPDX-License-Identifier: Apache-2.0

/// Who calls.
package struct Caller: Sendable, Hashable {
    package let subject: String

    /// A caller that has not said who it is.
    package static let anonymous = Caller(subject: "")

    package init(subject: String) { self.subject = subject }
}
