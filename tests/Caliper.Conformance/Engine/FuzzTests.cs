using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Quantized models that are broken: the engine refuses them in a sentence or runs them, and nothing else.</summary>
public class FuzzTests
{
    [Fact]
    public void A_model_with_a_damaged_graph_is_refused_or_runs()
    {
        var random = new Random(41);
        var refused = 0;
        for (var round = 0; round < 150; round++)
        {
            var model = RandomNetworks.Build(round, 6, 4);
            if (!TryDamage(model, random, out var damaged)) continue;
            if (!Survives(damaged)) refused++;
        }
        Assert.InRange(refused, 20, 150);
    }

    [Fact]
    public void A_file_with_damaged_bytes_is_refused_or_runs()
    {
        var random = new Random(43);
        var file = OnnxFile.ToBytes(RandomNetworks.Build(1, 6, 5));
        for (var round = 0; round < 200; round++)
        {
            var bytes = file.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Survives(OnnxFile.Read(bytes));
            }
            catch (CaliperException)
            {
                // The file itself was refused.
            }
        }
    }

    private static bool Survives(Model model)
    {
        try
        {
            using var session = Int8Session.FromModel(model, new Int8SessionOptions { Batch = 2 });
            session.Warmup(1);
            return true;
        }
        catch (CaliperException error)
        {
            Assert.DoesNotContain('\n', error.Message);
            return false;
        }
    }

    private static bool TryDamage(Model model, Random random, out Model damaged)
    {
        damaged = model;
        try
        {
            damaged = model with { Graph = Damaged(model.Graph, random) };
            return true;
        }
        catch (CaliperException)
        {
            return false; // The graph itself refuses to be built so.
        }
    }

    private static Graph Damaged(Graph graph, Random random)
    {
        var nodes = graph.Nodes.ToArray();
        var at = random.Next(nodes.Length);
        switch (random.Next(6))
        {
            case 0: // An operand is another value.
                nodes[at] = nodes[at] with { Inputs = nodes[at].Inputs.SetItem(0, nodes[random.Next(at + 1)].Inputs[0]) };
                break;
            case 1: // An attribute is nonsense.
                foreach (var name in nodes[at].Attributes.Keys) nodes[at] = nodes[at].With(name, random.Next(-3, 100), random.Next(-3, 100));
                break;
            case 2: // An operand is missing.
                nodes[at] = nodes[at] with { Inputs = nodes[at].Inputs.RemoveAt(random.Next(nodes[at].Inputs.Length)) };
                break;
            case 3: // Another operator.
                nodes[at] = nodes[at] with { OpType = nodes[random.Next(nodes.Length)].OpType };
                break;
            default: // A constant has another shape, type or content.
                var name2 = graph.Initializers.Keys.ElementAt(random.Next(graph.Initializers.Count));
                return graph.With(initializers: graph.Initializers.SetItem(name2, Other(graph.Initializers[name2], random)));
        }
        return new Graph(graph.Name, graph.Inputs, graph.Outputs, nodes, graph.Initializers);
    }

    private static Tensor Other(Tensor tensor, Random random) => random.Next(5) switch
    {
        0 => Tensor.Vector(0f, -1f, float.NaN),
        1 => Tensor.Scalar(float.PositiveInfinity),
        2 => tensor.Reshape(Shape.Of(1, tensor.Count)),
        3 => Tensor.Vector((sbyte)-128, (sbyte)127),
        _ => new Tensor(tensor.Type, tensor.Shape, tensor.Bytes.ToArray().Select(b => (byte)(b ^ random.Next(256))).ToArray()),
    };
}
