// SPDX-License-Identifier: Apache-2.0

/// A product in the form in which it is answered with: encoded once, and given to whoever asks for it.
package struct EncodedProduct: Sendable {
    /// The product's version, which its entity tag is made of.
    package let version: Int64
    /// When that version was made.
    package let updatedAt: Timestamp
    /// Header fields as they stand on the wire, and the document behind them:
    /// `ETag: "1"\r\n … Cache-Control: …\r\n | Content-Type: …\r\n | {"id":…}`; the strokes are the two ends below.
    package let bytes: [UInt8]
    /// Where the fields end that go with every answer, also with one that has no document.
    package let validatorEnd: Int
    /// Where the fields of the document end, and it begins.
    package let fieldEnd: Int

    /// - Parameters:
    ///   - product: Whose version and time are taken over.
    ///   - validators: Lines that go with every answer, each with its end.
    ///   - fields: Further lines, that go with the document.
    ///   - document: The body.
    package init(_ product: Product, validators: [UInt8], fields: [UInt8], document: [UInt8]) {
        version = product.version
        updatedAt = product.updatedAt
        var bytes: [UInt8] = []
        bytes.reserveCapacity(validators.count + fields.count + document.count)
        bytes += validators
        bytes += fields
        bytes += document
        self.bytes = bytes
        validatorEnd = validators.count
        fieldEnd = validators.count + fields.count
    }
}
