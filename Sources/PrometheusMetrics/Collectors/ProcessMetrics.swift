// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the system says of this process, under the names that Prometheus' own clients give it.
///
/// Off Linux only the processor time and the descriptor limit are known, and the rest is left out.
public enum ProcessMetrics {
    /// Adds the metrics to a registry. They are read at each scrape.
    public static func register(in registry: MetricsRegistry) {
        func observe(_ kind: MetricKind, _ name: String, _ help: String, _ read: @escaping @Sendable () -> Double?) {
            registry.observe(kind, name, help) { read().map { [MetricReading($0)] } ?? [] }
        }
        observe(.counter, "process_cpu_seconds_total", "Processor time, of the user's and the system's, in seconds.") {
            cpuSeconds
        }
        observe(.gauge, "process_open_fds", "Open file descriptors.") { openDescriptorCount }
        observe(.gauge, "process_max_fds", "How many file descriptors may be open.") { descriptorLimit }
        observe(.gauge, "process_virtual_memory_bytes", "Virtual memory, in bytes.") { memory(0) }
        observe(.gauge, "process_resident_memory_bytes", "Resident memory, in bytes.") { memory(1) }
        observe(.gauge, "process_threads", "Threads.") { statistic(19) }
        let startTime = startTime
        observe(.gauge, "process_start_time_seconds", "When the process started, in seconds since 1970.") { startTime }
    }

    private static var cpuSeconds: Double? {
        var usage = rusage()
        #if canImport(Glibc)
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        #else
        guard getrusage(RUSAGE_SELF, &usage) == 0 else { return nil }
        #endif
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    private static var descriptorLimit: Double? {
        var limit = rlimit()
        #if canImport(Glibc)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        #else
        guard getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return nil }
        #endif
        return Double(limit.rlim_cur)
    }

    private static var openDescriptorCount: Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without "." and "..", and the descriptor of the folder itself.
        return Double(count - 3)
    }

    /// A number of `/proc/self/statm`, which counts in pages.
    private static func memory(_ index: Int) -> Double? {
        guard let fields = text(of: "/proc/self/statm")?.split(separator: " "), fields.count > index,
            let pages = Double(fields[index])
        else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// A number of `/proc/self/stat`, by its place in proc(5), from 0.
    private static func statistic(_ index: Int) -> Double? {
        // The second field, the name, stands in parentheses and may hold anything.
        guard let text = text(of: "/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > index - 2 ? Double(fields[index - 2]) : nil
    }

    private static var startTime: Double? {
        guard let ticks = statistic(21),
            let line = text(of: "/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let bootTime = Double(line.dropFirst(6))
        else { return nil }
        return bootTime + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        let limit = 256 << 10
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = fread(buffer.baseAddress, 1, limit, file)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
