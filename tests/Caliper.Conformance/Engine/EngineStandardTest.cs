using System.Collections.Immutable;
using Caliper.Conformance.Onnx;
using Caliper.Engine.Importing;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>One of the standard's tests, in the engine.</summary>
internal static class EngineStandardTest
{
    private static readonly ElementType[] Types =
        [ElementType.Float32, ElementType.Int64, ElementType.Int32, ElementType.Boolean, ElementType.UInt8, ElementType.Int8, ElementType.Undefined];

    /// <summary>What became of a test: <c>passed</c>, <c>of other types</c> than the engine has, <c>refused</c> or <c>wrong</c>, and why; null
    /// where the page claims nothing of its operators.</summary>
    public static (string Outcome, string Why)? Of(string folder)
    {
        Model model;
        try
        {
            model = OnnxFile.Read(Path.Combine(folder, "model.onnx"));
        }
        catch (CaliperException)
        {
            return null;
        }
        if (!model.Graph.Nodes.All(n => OperatorTable.SupportOf(n.Domain, n.OpType) is not OperatorSupport.None)) return null;
        if (StandardTest.DataOf(folder, model) is not var (feeds, expected)) return null;
        var values = model.Graph.Inputs.Concat(model.Graph.Outputs).Select(v => v.Type).Concat(feeds.Values.Select(f => f.Type));
        if (values.Any(t => !Types.Contains(t))) return ("of other types", "");
        if (feeds.Values.Concat(expected.Values).Any(t => t.Count == 0)) return ("of empty tensors", "");
        if (Path.GetFileName(folder).Contains("training", StringComparison.Ordinal)) return ("of training", "");
        // Before version 9 it had a batch axis, which is refused.
        if (model.Graph.Nodes.Any(n => n.Is("Scan")) && model.Opsets[""] < 9) return ("of an older Scan", "");
        var ran = model;
        var (outcome, why) = Run(model, feeds, expected);
        // What says how an operator works is a constant in networks, and fed in these tests.
        for (var fed = model.Graph.Inputs.Length - 1; outcome == "refused" && fed >= 1; fed--)
        {
            ran = WithConstants(model, feeds, fed);
            var (changed, next) = Run(ran, feeds, expected);
            (outcome, why) = (changed, next);
        }
        // Where ONNX Runtime's numbers are others than the standard's, they are what files that people have were made for.
        if (outcome == "wrong" && Run(ran, feeds, Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds).ToDictionary()).Outcome == "passed")
            return ("as ONNX Runtime, not as the standard", "");
        return (outcome, why);
    }

    private static (string Outcome, string Why) Run(Model model, Dictionary<string, Tensor> feeds, Dictionary<string, Tensor> expected)
    {
        try
        {
            using var session = Int8Session.FromModel(model);
            var fed = model.Graph.Inputs.ToDictionary(i => i.Name, i => feeds[i.Name]);
            var actual = session.Run(fed);
            var wrong = expected.Where(e => actual.ContainsKey(e.Key))
                .Select(e => StandardTest.Difference(e.Value, actual[e.Key]) is { } difference ? $"{e.Key}: {difference}" : null).OfType<string>();
            return string.Join("; ", wrong) is { Length: > 0 } text ? ("wrong", text) : ("passed", "");
        }
        catch (CaliperException error)
        {
            return ("refused", error.Message);
        }
    }

    private static Model WithConstants(Model model, Dictionary<string, Tensor> feeds, int fed)
    {
        var graph = model.Graph;
        return model with
        {
            Graph = new Graph(graph.Name, graph.Inputs[..fed], graph.Outputs, graph.Nodes, graph.Inputs.Skip(fed)
                .ToImmutableSortedDictionary(i => i.Name, i => feeds[i.Name], StringComparer.Ordinal)),
        };
    }
}
