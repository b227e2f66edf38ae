// SPDX-License-Identifier: Apache-2.0

package import Edge
import HTTPTypes
package import Hummingbird
import NIOCore
package import PrometheusMetrics

/// `/metrics`: all metrics, in the format that the client wants, compressed if it takes that.
package struct MetricsRoute: Sendable {
    private let scrape: MetricsScrape

    package init(scrape: MetricsScrape) { self.scrape = scrape }

    package static let route = RouteTemplate(
        "/metrics", methods: [.get, .head], access: .anyone, purpose: .operation)

    package func add(to router: Router<some RequestContext>) {
        router.get("metrics") { request, _ in
            let form = MetricsScrape.Form(
                accept: request.headers[.accept], acceptEncoding: request.headers[.acceptEncoding])
            let bytes = await scrape.bytes(in: form)
            guard !bytes.isEmpty else {
                throw Problem(
                    status: .internalServerError, detail: "The metrics cannot be compressed: ask for them plain.")
            }
            var response = Response(
                status: .ok,
                headers: [
                    .contentType: form.format.contentType, .vary: "Accept, Accept-Encoding", .cacheControl: "no-store",
                ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
            if form.isCompressed { response.headers[.contentEncoding] = "gzip" }
            return response
        }
    }
}
