// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Testing

@Suite(.serialized) struct `What PostgreSQL's client tells of itself` {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "00-\(trace)-b7ad6b7169203331-01"

    @Test func `metrics by operation, with the class of errors, and how the pool stands`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url(), ["--database-max-connections", "2"])
        let path = try #require(try await service.client.create().header("Location"))
        for _ in 0..<3 { #expect(try await service.client.send("GET", path).status == 200) }
        func sample(_ name: String, _ labels: String...) async throws -> Double {
            let metrics = try await service.metrics()
            let found = metrics.filter { sample in
                sample.key.hasPrefix(name) && labels.allSatisfy(sample.key.contains)
            }
            try #require(!found.isEmpty, "\(name) \(labels)")
            return found.map(\.value).reduce(0, +)
        }
        let duration = "db_client_operation_duration_seconds"
        #expect(
            try await sample("\(duration)_count", #"db_operation_name="INSERT""#) == 3, "the migrations note themselves"
        )
        #expect(try await sample("\(duration)_count", #"db_operation_name="SELECT""#) >= 3)
        #expect(try await sample("\(duration)_count", #"db_operation_name="UPDATE""#) == 0, "known ones start at 0")
        #expect(try await sample("\(duration)_bucket", #"le="0.0005""#, #"db_operation_name="INSERT""#) <= 2)
        #expect(try await sample("db_client_connection_max") == 2)
        #expect(try await sample("db_client_connection_count", #"state="idle""#) >= 1)
        #expect(try await sample("db_client_connection_wait_time_seconds_count") >= 4)
        #expect(try await sample("db_client_connection_create_time_seconds_count") >= 1)
        #expect(try await sample("db_client_connection_use_time_seconds_count") >= 1, "that of the migration")

        let lock = try await LockedTable(server)
        try Unavailable.expect(try await service.client.send("GET", path))
        try await lock.release()
        #expect(try await sample("\(duration)_count", #"error_type="57""#) == 1, "of class 57, query canceled")
        try await server.stop(SIGKILL)
        try Unavailable.expect(try await service.client.send("GET", path))
        try await wait(for: "no connections") {
            try await sample("db_client_connection_count") == 0
        }
        #expect(try await sample("db_client_connection_losses_total") >= 1)
        #expect(try await sample("\(duration)_count", #"error_type="connection_"#) >= 1)
        try await service.stop()
    }

    @Test func `a span for each statement, in the request's trace, without its values`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url(), ["--trace-sink", "log"])
        let json = #"{"name":"canary-value","price":1}"#
        let created = try await service.client.send(
            "POST", ServiceClient.products, [("traceparent", Self.parent)], json: json)
        #expect(created.status == 201)
        try await service.stop()
        let spans = service.process.logLines.filter { $0["span.trace_id"] as? String == Self.trace }
        let request = try #require(spans.first { $0["span.name"] as? String == "POST \(ServiceClient.products)" })
        let statement = try #require(spans.first { $0["span.name"] as? String == "INSERT" })
        #expect(statement["span.parent_id"] as? String == request["span.id"] as? String)
        #expect(statement["span.kind"] as? String == "client")
        #expect(statement["attribute.db.system.name"] as? String == "postgresql")
        #expect(statement["attribute.db.operation.name"] as? String == "INSERT")
        #expect(!service.process.log.contains("canary-value"))
    }
}
