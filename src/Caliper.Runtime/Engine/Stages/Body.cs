using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Onnx;

namespace Caliper.Engine.Stages;

/// <summary>The body of an If, Loop or Scan, as a network of its own that is fed what it reads from around it.</summary>
internal sealed class Body : IDisposable
{
    private readonly PlansByShape _plans;
    private readonly Graph _graph;

    private Body(Model model, Int8SessionOptions options, KernelResources shared) =>
        (_graph, _plans) = (model.Graph, new PlansByShape(model, options, shared));

    /// <summary>Inputs, its own first.</summary>
    public ImmutableArray<Value> Inputs => _graph.Inputs;

    /// <summary>Outputs.</summary>
    public ImmutableArray<Value> Outputs => _graph.Outputs;

    /// <summary>Bytes of its plans.</summary>
    public long Bytes => _plans.Bytes;

    /// <summary>Whether its shapes depend on numbers that it is fed.</summary>
    public bool DependsOnNumbers => _plans.DependOnNumbers;

    /// <summary>Reads a body.</summary>
    /// <param name="model">The network around it.</param>
    /// <param name="node">The node that has it.</param>
    /// <param name="name">Which of its bodies.</param>
    /// <param name="own">What is known of its own inputs, in their order.</param>
    /// <param name="known">What is known of a value around it.</param>
    /// <param name="options">How it is planned.</param>
    /// <param name="shared">What all plans have together.</param>
    public static Body Of(Model model, Node node, string name, Value[] own, Func<string, Value> known, Int8SessionOptions options,
        KernelResources shared)
    {
        if (node.Attributes.GetValueOrDefault(name) is not AttributeValue.Subgraph body || BodyReader.Read(model.Graph, body) is not { } read)
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has no body '{name}'.");
        var constants = body.Captured.Where(model.Graph.Initializers.ContainsKey).ToArray();
        var count = read.Inputs.Length - body.Captured.Length;
        if (count != own.Length)
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) feeds {own.Length} values to a body of {count}.");
        var inputs = read.Inputs.Take(count).Zip(own, (i, v) => i with { Type = v.Type, Shape = null })
            .Concat(body.Captured.Except(constants).Select(c => known(c) with { Name = c, Shape = null }));
        var initializers = read.Initializers.AddRange(constants.Select(c => KeyValuePair.Create(c, model.Graph.Initializers[c])));
        var graph = new Graph(read.Name, [.. inputs], [.. read.Outputs.Select(o => o with { Shape = null })], read.Nodes, initializers);
        return new Body(model with { Graph = graph }, options, shared);
    }

    /// <summary>What it gives for shapes of all its inputs.</summary>
    /// <param name="shapes">The shapes.</param>
    /// <param name="first">The numbers of its first input, where they are known.</param>
    public (Value[] Outputs, bool IsFixed) Plan(IEnumerable<Shape> shapes, Tensor? first = null)
    {
        var session = _plans.For(shapes, first);
        return (session.TrialOutputs, !_plans.DependOnNumbers && session.Outputs.All(o => o.Shape is { IsStatic: true }));
    }

    /// <summary>Runs it on its own inputs.</summary>
    public Tensor[] Run(IEnumerable<Tensor> own, Func<string, Tensor> read)
    {
        Tensor[] fed = [.. own];
        var results = _plans.Run([.. fed, .. _graph.Inputs.Skip(fed.Length).Select(i => read(i.Name))]);
        return [.. _graph.Outputs.Select(o => results[o.Name])];
    }

    public void Dispose() => _plans.Dispose();
}
