// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProductsTesting
import StrictJSON
import Testing

@Suite struct `The strict JSON parser` {
    private func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func `reads every kind of value`() throws {
        let value = try parse(
            #" {"a" : [null, true, false, -1.50e+3, "x\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"] , "b":{}} "#)
        guard case .object(let object) = value, case .array(let elements)? = object["a"] else {
            Issue.record("\(value)")
            return
        }
        #expect(object.members.map(\.name) == ["a", "b"])
        #expect(
            elements == [
                .null, .bool(true), .bool(false), .number(JSONNumber(text: "-1.50e+3")),
                .string("x\"\\/\u{8}\u{c}\n\r\té😀"),
            ])
    }

    @Test func `says where it fails`() {
        let table = [
            ("", 1, 1), ("{\n  \"a\": x\n}", 2, 8), ("[1,\n2,\n\n 3 4]", 4, 4), ("{\"a\":1,\"a\":2}", 1, 8),
            ("[\"ab", 1, 2), ("1 2", 1, 3),
        ]
        for (text, line, column) in table {
            let error = #expect(throws: JSONSyntaxError.self) { try parse(text) }
            #expect(error?.line == line && error?.column == column, "\(text): \(String(describing: error))")
        }
    }

    @Test func `keeps to its limits exactly`() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        _ = try parse(nested(32))
        #expect(throws: JSONSyntaxError.self) { try parse(nested(33)) }
        _ = try parse(String(repeating: "1", count: 64))
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "1", count: 65)) }
        let list = { (count: Int) in "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]" }
        _ = try parse(list(9_999))
        #expect(throws: JSONSyntaxError.self) { try parse(list(10_000)) }
    }

    @Test func `no text cut short is accepted, and none ends the process`() throws {
        let text = Array(#"{"name":"L\u00e4p\ud83d\ude00é","list":[1,-2.5e3,true,null,{"x":""}]}"#.utf8)
        _ = try JSONParser.parse(text)
        for end in 0..<text.count {
            #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text[..<end])) }
        }
    }

    @Test func `of 100,000 mutations it accepts none that another parser refuses`() throws {
        let seed = Array(#"{"name":"L\u00e4p\ud83d\ude00é","price":-12.50e+1,"list":[true,null,{"x":"\n"}]}"#.utf8)
        let pieces = Array("\"\\{}[]:,0123456789eE+-.tfnu \n\u{7f}x".utf8) + [0x00, 0xc3, 0xff, 0xed]
        var random = SeededGenerator(seed: 8259)
        var accepted = 0
        for _ in 0..<100_000 {
            var text = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<text.count, using: &random)
                let piece = pieces[Int.random(in: 0..<pieces.count, using: &random)]
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[index] = piece
                case 1: text.insert(piece, at: index)
                default: text.remove(at: index)
                }
            }
            guard (try? JSONParser.parse(text)) != nil else { continue }
            accepted += 1
            // The other parser also refuses numbers that no double holds, which the grammar allows.
            if String(decoding: text, as: UTF8.self).contains(#/[eE][+-]?0*[1-9][0-9][0-9]/#) { continue }
            let other = try? JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])
            #expect(other != nil, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(accepted > 100, "the mutations must leave some texts in order")
    }

    @Test func `what the writer writes is read back`() throws {
        let text = "\u{0}\u{1f} \"\\/\n\r\t\u{7f}é😀\u{2028}"
        var json = JSONWriter()
        json.array { json in
            json.string(text)
            json.object { json in
                json.name("n")
                json.integer(-5)
                json.name("m")
                json.verbatim("1.50")
            }
            json.null()
        }
        var object: [JSONValue] = []
        if case .array(let elements) = try JSONParser.parse(json.bytes) { object = elements }
        #expect(object.first == .string(text) && object.last == .null)
        #expect(String(decoding: json.bytes, as: UTF8.self).hasSuffix(#"{"n":-5,"m":1.50},null]"#))
    }
}
