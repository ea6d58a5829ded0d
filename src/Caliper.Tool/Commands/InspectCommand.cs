using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Tool.Consoles;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper inspect</c>: what is inside a model; what will become int8, what stays float, and why.</summary>
internal sealed class InspectCommand() : ToolCommand<InspectOptions>("inspect",
    "Shows what is inside a model; what will become int8, what stays float, and why", new InspectSymbols())
{
    protected override int Run(InspectOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        var path = options.Model.Path;
        if (Path.GetExtension(path).Equals(".calib", StringComparison.OrdinalIgnoreCase))
        {
            if (options.IsStrict) StrictPlan.Refuse(path);
            return InspectCalibration(path, options.Console, console);
        }
        var (report, unwanted) = Inspect(options.Model, options.Scheme);
        cancellationToken.ThrowIfCancellationRequested();
        if (options.IsStrict && report.IsQuantized) StrictPlan.Refuse(path);
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else InspectionText.Print(console.Result, report);
        return options.IsStrict ? StrictPlan.Judge(unwanted, console) : ExitCode.Ok;
    }

    private static int InspectCalibration(string path, ConsoleOptions options, ToolConsole console)
    {
        var statistics = CalibrationStatistics.Load(path);
        var verdict = new ConvergenceMeter(Scheme.MethodOf(Scheme.DefaultMethod)).Judge(statistics);
        var report = CalibrationReport.Of(path, statistics) with { Convergence = ConvergenceReport.Of(verdict) };
        if (options.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else CalibrationText.Print(console.Result, report, showsTensors: true);
        return ExitCode.Ok;
    }

    private static (InspectionReport Report, string[] Unwanted) Inspect(ModelOptions options, SchemeOptions schemeOptions)
    {
        var scheme = Scheme.Of(schemeOptions);
        using var model = ModelFile.Load(options);
        var isOnnx = options.Architecture is null || ModelFile.IsOnnx(options.Path);
        var graph = model.Model.Graph;
        var report = new InspectionReport
        {
            Model = options.Path,
            SizeBytes = ModelFile.SizeOf(options.Path),
            IrVersion = isOnnx ? model.Model.IrVersion : null,
            Opset = isOnnx ? model.Model.Opset : null,
            Producer = isOnnx && model.Model.ProducerName.Length > 0 ? model.Model.ProducerName : null,
            IsQuantized = model.Model.IsQuantized(),
            Inputs = [.. model.Inputs.Select(ValueOf)],
            Outputs = [.. model.Outputs.Select(ValueOf)],
            Parameters = graph.Initializers.Values.Sum(t => t.Shape.ElementCount),
            Nodes = graph.Nodes.Length,
            Operators = new SortedDictionary<string, int>(
                graph.Nodes.GroupBy(n => n.OpType).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal),
            Diagnostics = [],
        };
        return report.IsQuantized ? (report, []) : WithPlan(report, model, scheme, schemeOptions.QConfig);
    }

    private static (InspectionReport Report, string[] Unwanted) WithPlan(InspectionReport report, FloatModel model, QConfigMapping scheme,
        string name)
    {
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(scheme);
        var (plan, cost) = (prepared.Plan, PlanCost.Of(prepared));
        return (report with
        {
            QConfig = name,
            Layers = LayerCounts.Of(plan),
            MultiplyAdds = cost.MultiplyAdds,
            Int8MacPercent = cost.MultiplyAdds is > 0 and var all ? 100.0 * cost.Int8MultiplyAdds / all : null,
            ExpectedBytes = new Pair<long>(cost.FloatBytes, cost.Int8Bytes),
            Crossings = new CrossingCounts(cost.CrossingsToInt8, cost.CrossingsToFloat),
            Plan = [.. cost.Layers.Select(layer => ReportOf(layer, fused.Model.Graph))],
            Diagnostics = DiagnosticReport.Of(plan.Diagnostics),
        }, [.. plan.FloatDespite(scheme).Select(l => l.Layer.Name)]);
    }

    private static LayerReport ReportOf(LayerCost cost, Graph graph)
    {
        var (plan, layer) = (cost.Plan, cost.Plan.Layer);
        return new LayerReport(layer.Name, layer.Kind, layer.OpType, graph.Find(layer.Output)?.Shape?.ToString(),
            cost.FloatBytes / sizeof(float), cost.MultiplyAdds, cost.FloatBytes, cost.Int8Bytes,
            plan.HasIntegers ? "int8" : plan.IsOfWholeNumbers ? LayerReport.WholeNumbers : "float",
            plan.GivesFloat || plan.HasInt8Table || plan.HasInt8Weights, plan.Diagnostic?.Message)
        {
            ChannelBits = cost.ChannelBits,
        };
    }

    private static ValueReport ValueOf(Value value) => new(value.Name, value.Type.ToString(), value.Shape?.ToString() ?? "unknown");
}
