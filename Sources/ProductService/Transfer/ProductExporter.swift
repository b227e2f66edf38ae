// SPDX-License-Identifier: Apache-2.0

import Chassis
import Foundation
import ProductAPI
import Products
import StrictJSON

/// Writes every product of a store to standard output as newline-delimited JSON, oldest first, a page at a time.
struct ProductExporter {
    private let store: any ProductRepository
    private let report: (String) -> Void

    private static let reportInterval = 10_000

    /// - Parameter report: Takes what the person at the terminal is told.
    init(store: any ProductRepository, report: @escaping (String) -> Void) {
        self.store = store
        self.report = report
    }

    func run() async -> ExitCode {
        signal(SIGPIPE, SIG_IGN)
        var count = 0
        var start: ProductQuery.Start? = .offset(0)
        do {
            while let position = start {
                let query = ProductQuery(
                    order: .oldestFirst, limit: ProductQuery.limits.upperBound, start: position)
                let page = try await store.list(query)
                try write(page.products)
                count += page.products.count
                if StandardError.isTerminal, count % Self.reportInterval == 0 { report("\r\(count) products written") }
                start = page.next.map { .after($0) }
            }
        } catch let error as ProductError {
            report("product-service: the store failed behind \(count) products: \(error.report)\n")
            return .failed
        } catch {
            report("product-service: writing failed behind \(count) products: the reader is gone or its disk is full\n")
            return .failed
        }
        report(
            "\(StandardError.isTerminal ? "\r" : "")\(count) products written, peak memory \(PeakMemory.description)\n")
        return .stopped
    }

    private func write(_ products: [Product]) throws {
        var bytes: [UInt8] = []
        for product in products {
            var json = JSONWriter()
            ProductDocument.write(product, to: &json)
            bytes += json.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    }
}
