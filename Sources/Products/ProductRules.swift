// SPDX-License-Identifier: Apache-2.0

/// The rules a product's fields obey. Characters are Unicode scalars.
package enum ProductRules {
    package static let nameLength = 1...100
    package static let descriptionLength = 0...500

    /// Every rule the fields break; nil stands for a field that is not given.
    static func problems(name: String?, description: String?, price: Money?) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if let name { problems += text(name, in: nameLength, at: "/name") }
        if let description { problems += text(description, in: descriptionLength, at: "/description") }
        if let price, !(Money(cents: 1)...Money.maximum).contains(price) {
            problems.append(FieldProblem(pointer: "/price", detail: "must be from 0.01 to \(Money.maximum)"))
        }
        return problems
    }

    private static func text(_ text: String, in length: ClosedRange<Int>, at pointer: String) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if !length.contains(text.unicodeScalars.count) {
            let bounds = length.lowerBound == 0 ? "at most" : "from \(length.lowerBound) to"
            problems.append(FieldProblem(pointer: pointer, detail: "must be \(bounds) \(length.upperBound) characters"))
        }
        if text.unicodeScalars.contains(where: isRefused) {
            let detail = "must not hold control characters other than newline and tab"
            problems.append(FieldProblem(pointer: pointer, detail: detail))
        }
        return problems
    }

    private static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    }
}
