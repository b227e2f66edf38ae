// SPDX-License-Identifier: Apache-2.0

/// A JSON number in the spelling of the text, so that no value passes through floating point.
package struct JSONNumber: Sendable, Equatable {
    /// The number's spelling: at most ``JSONParser/Limits/numberLength`` ASCII characters of RFC 8259's grammar.
    package let text: String

    package init(text: String) { self.text = text }
}
