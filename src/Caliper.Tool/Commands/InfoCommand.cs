using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Caliper.Assembly;
using Caliper.Execution;
using Caliper.Imaging;
using Caliper.Kernels;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;
using Caliper.Torch;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper info</c>: versions, what the processor can do, and the names that other commands take.</summary>
internal sealed class InfoCommand() : ToolCommand<ConsoleOptions>("info",
    "Shows versions, what the processor can do, and the names that options take", new ConsoleSymbols(hasProgress: false))
{
    protected override int Run(ConsoleOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        var report = Collect();
        if (options.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else Print(report, console.ResultWriter);
        return ExitCode.Ok;
    }

    private static InfoReport Collect() => new()
    {
        Version = typeof(InfoCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        Runtime = RuntimeInformation.FrameworkDescription,
        OperatingSystem = RuntimeInformation.OSDescription,
        ProcessorArchitecture = RuntimeInformation.ProcessArchitecture.ToString(),
        Processors = Environment.ProcessorCount,
        CpuFeatures = [.. Features.Where(f => f.IsSupported).Select(f => f.Name)],
        VectorBits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128 : 0,
        Backend = OnnxRuntimeBackend.Instance.Name,
        Kernels = [.. KernelInventory.All.GroupBy(k => k.Operation).Select(ReportOf)],
        Architectures = [.. Architectures.Names],
        QConfigs = [.. QConfig.Presets.Select(p => p.Name)],
        Observers = [.. Scheme.ObserverNames],
        Preprocessings = [.. Preprocessing.Presets.Keys],
    };

    private static KernelReport ReportOf(IGrouping<string, KernelStatus> operation) => new(
        operation.Key, operation.First(k => k.WhyNot is null).Name,
        new SortedDictionary<string, string>(operation.Where(k => k.WhyNot is not null).ToDictionary(k => k.Name, k => k.WhyNot!),
        StringComparer.Ordinal));

    private static string Describe(KernelReport kernel) => $"{kernel.Operation}: {kernel.Chosen}"
        + (kernel.Missing.Count == 0 ? "" : $" (not {string.Join(", ", kernel.Missing.Select(m => $"{m.Key}: {m.Value}"))})");

    private static IEnumerable<(string Name, bool IsSupported)> Features =>
    [
        ("SSE4.2", Sse42.IsSupported), ("AVX", Avx.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
        ("AVX-VNNI", AvxVnni.IsSupported), ("AVX-512F", Avx512F.IsSupported), ("AVX-512BW", Avx512BW.IsSupported),
        ("AVX-512VBMI", Avx512Vbmi.IsSupported), ("AVX10.1", Avx10v1.IsSupported), ("AVX10.2", Avx10v2.IsSupported),
        ("AMX-INT8", TileUnit.HasInstructions),
        ("AdvSIMD", AdvSimd.IsSupported), ("DotProd", Dp.IsSupported),
    ];

    private static void Print(InfoReport report, TextWriter writer)
    {
        (string Name, string Value)[] lines =
        [
            ("caliper", report.Version),
            ("runtime", report.Runtime),
            ("system", $"{report.OperatingSystem}, {report.ProcessorArchitecture}, {Numbers.Count(report.Processors)} processors"),
            ("cpu", $"{string.Join(", ", report.CpuFeatures)}; vectors of {Numbers.Count(report.VectorBits)} bits"),
            ("backend", $"{report.Backend} (float), Caliper int8 engine (int8)"),
            .. report.Kernels.Select(k => ("kernel", Describe(k))),
            ("--arch", string.Join(", ", report.Architectures)),
            ("--qconfig", string.Join(", ", report.QConfigs)),
            ("--observer", string.Join(", ", report.Observers)),
            ("--preprocess", string.Join(", ", report.Preprocessings)),
        ];
        foreach (var (name, value) in lines) writer.WriteLine($"{name,-14}{value}");
    }
}
