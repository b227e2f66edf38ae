// SPDX-License-Identifier: Apache-2.0

/// A rule that one field of the input breaks.
package struct FieldProblem: Sendable, Hashable {
    /// The field, as a JSON pointer (RFC 6901) into the input; empty for the input as a whole.
    package let pointer: String
    /// The rule, as a sentence about the field that is safe to send back.
    package let detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}
