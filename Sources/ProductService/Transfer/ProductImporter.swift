// SPDX-License-Identifier: Apache-2.0

import Chassis
import ProductAPI
import Products
import StrictJSON

/// Adds the products of newline-delimited JSON to a store, batch by batch.
struct ProductImporter {
    private let store: (any ProductStore.Repository)?
    private let skipsInvalid: Bool
    private let source: String
    private let report: (String) -> Void
    private let clock: any WallClock = SystemWallClock()
    private let ids: ProductIDGenerator

    private static let batchSize = 500

    /// - Parameters:
    ///   - store: Where the products go; nil to check the lines and add nothing.
    ///   - report: Takes what the person at the terminal is told.
    init(
        store: (any ProductStore.Repository)?, skipsInvalid: Bool, source: String,
        report: @escaping (String) -> Void
    ) {
        self.store = store
        self.skipsInvalid = skipsInvalid
        self.source = source
        self.report = report
        ids = ProductIDGenerator(clock: clock)
    }

    /// A line that is not added.
    private struct Refusal {
        let line: Int
        let reason: String
        /// Whether the lines behind it may still be added: a product that is there already is in nobody's way.
        var isHarmless = false
    }

    private struct Tally {
        var added = 0
        var refused = 0
        /// The first line of the batch at hand: those before it are in.
        var batchLine = 1
        /// The line the import stopped at.
        var stopLine: Int?
    }

    /// Adds every line. Refused lines are reported by number.
    func run(_ lines: LineReader) async -> ExitCode {
        var lines = lines
        var tally = Tally()
        do {
            var isMore = true
            while isMore, tally.stopLine == nil {
                isMore = try await importBatch(&lines, &tally)
                if StandardError.isTerminal {
                    report("\r\(tally.added) products added, \(tally.refused) lines refused")
                }
            }
        } catch let error as ProductError {
            report("product-service: the store failed: \(error.report)\n")
            reportHowToGoOn(from: tally.batchLine)
            return .failed
        } catch {
            report("product-service: reading \(source) failed: \(error)\n")
            reportHowToGoOn(from: tally.batchLine)
            return .failed
        }
        return finish(tally)
    }

    private func finish(_ tally: Tally) -> ExitCode {
        let verb = store == nil ? "checked" : "added"
        let end = StandardError.isTerminal ? "\n" : ""
        report(
            "\(end)\(tally.added) products \(verb), \(tally.refused) lines refused, peak memory \(PeakMemory.description)\n"
        )
        guard let line = tally.stopLine else { return .stopped }
        report("line \(line) is wrong\n")
        reportHowToGoOn(from: line)
        return .wrongInput
    }

    private func reportHowToGoOn(from line: Int) {
        let file = source == "-" ? "FILE" : "'\(source)'"
        report("The lines before line \(line) are in. Put that right and import the rest, with the same settings:\n")
        report("  tail -n +\(line) \(file) | product-service import -\n")
    }

    /// Adds one batch of lines, whose number bounds the memory it takes. Returns whether there may be more.
    private func importBatch(_ lines: inout LineReader, _ tally: inout Tally) async throws -> Bool {
        var batch: [(line: Int, product: Product)] = []
        var refusals: [Refusal] = []
        var isMore = true
        for position in 0..<Self.batchSize {
            guard let line = try lines.next() else {
                isMore = false
                break
            }
            if position == 0 { tally.batchLine = line.number }
            do {
                guard let product = try product(on: line) else { continue }
                batch.append((line.number, product))
            } catch {
                refusals.append(Refusal(line: line.number, reason: error.reason))
                if !skipsInvalid { break }
            }
        }
        let taken = try await insert(batch.map(\.product))
        refusals += Self.refusals(of: taken, in: batch)
        tally.added += batch.count - taken.count
        tally.refused += refusals.count
        for refusal in refusals.sorted(by: { $0.line < $1.line }) {
            report("\(StandardError.isTerminal ? "\r" : "")line \(refusal.line): \(refusal.reason)\n")
        }
        if !skipsInvalid { tally.stopLine = refusals.first { !$0.isHarmless }?.line }
        return isMore
    }

    /// Adds products, and adds them again when the store was lost over it: they have their ids, and none is added
    /// twice.
    private func insert(_ products: [Product]) async throws -> [ProductID] {
        guard let store else { return [] }
        do {
            return try await store.insert(products)
        } catch {
            guard case .unavailable(.outcomeUnknown) = error else { throw error }
        }
        for _ in 0..<Self.tries {
            try await Task.sleep(for: .seconds(1))
            if let taken = await insertAgain(products, into: store) { return taken }
        }
        throw ProductError.unavailable(.outcomeUnknown)
    }

    /// Returns the ids that were taken before the first try; nil when the store does not answer.
    private func insertAgain(_ products: [Product], into store: any ProductStore.Repository) async -> [ProductID]? {
        do {
            let taken = try await store.insert(products)
            // What stands there as ours, the first try has added; a second line with the same id it refused.
            var added: Set<ProductID> = []
            for id in Set(taken) {
                let present = try await store.product(withID: id)
                if products.contains(present) { added.insert(id) }
            }
            var others: [ProductID] = []
            for id in taken where added.remove(id) == nil { others.append(id) }
            return others
        } catch {
            return nil
        }
    }

    private static let tries = 30

    /// The lines whose products were not added: of two lines with one id, the second.
    private static func refusals(
        of taken: [ProductID], in batch: [(line: Int, product: Product)]
    ) -> [Refusal] {
        var counts = taken.reduce(into: [ProductID: Int]()) { $0[$1, default: 0] += 1 }
        var refusals: [Refusal] = []
        for (line, product) in batch.reversed() where counts[product.id, default: 0] > 0 {
            counts[product.id, default: 0] -= 1
            refusals.append(Refusal(line: line, reason: "a product with this id is there already", isHarmless: true))
        }
        return refusals
    }

    private struct LineError: Error {
        let reason: String
    }

    /// The product a line describes; nil for an empty line.
    private func product(on line: LineReader.Line) throws(LineError) -> Product? {
        guard let bytes = line.bytes else { throw LineError(reason: "longer than \(LineReader.maximumLength) bytes") }
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { return nil }
        do {
            let json = try JSONParser.parse(bytes)
            if case .object(let object) = json, object["id"] != nil { return try ProductInput.product(from: json) }
            return Product(id: ids.next(), draft: try ProductInput.draft(from: json), createdAt: clock.now)
        } catch let error as JSONSyntaxError {
            throw LineError(reason: "not JSON that is accepted here: \(error.reason) at column \(error.column)")
        } catch ProductError.invalid(let problems) {
            throw LineError(reason: problems.map { "\($0.pointer) \($0.detail)" }.joined(separator: "; "))
        } catch {
            throw LineError(reason: "\(error)")
        }
    }
}
