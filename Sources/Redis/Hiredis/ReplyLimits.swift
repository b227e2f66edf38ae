// SPDX-License-Identifier: Apache-2.0

/// How large one reply may be: what is larger ends its connection before it takes more memory.
struct ReplyLimits: Sendable, Hashable {
    var byteCount = 16 << 20
    /// How many values, those inside of arrays included.
    var valueCount = 1 << 20
    /// How many arrays may be in one another.
    var depth = 7
}
