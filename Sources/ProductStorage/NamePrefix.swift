// SPDX-License-Identifier: Apache-2.0

/// Names that start alike, as a range of an index that is ordered by Unicode scalars.
enum NamePrefix {
    /// The first string behind all that start with `prefix`; nil when there is none.
    static func firstName(behind prefix: String) -> String? {
        var scalars = Array(prefix.unicodeScalars)
        while let last = scalars.popLast() {
            guard last.value < 0x10ffff else { continue }
            let next = last.value == 0xd7ff ? 0xe000 : last.value + 1
            guard let scalar = Unicode.Scalar(next) else { continue }
            scalars.append(scalar)
            return String(String.UnicodeScalarView(scalars))
        }
        return nil
    }
}
