using System.Collections.Immutable;
using System.Globalization;
using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>
/// Builds the ONNX graph of a network by letting a signal flow through it once. A node is called as the module it comes from
/// (<c>layer1.0.conv1</c>), and so is the value it produces; initializers are called as the parameters.
/// </summary>
internal sealed class Tracer(ModuleTree tree, IReadOnlyDictionary<string, Tensor> weights)
{
    private const string InputName = "input";
    private const string OutputName = "output";
    private const long IrVersion = 8;
    private const long Opset = 17;

    private readonly List<Node> _nodes = [];
    private readonly List<Value> _values = [];
    private readonly HashSet<string> _names = [InputName, OutputName, .. tree.Parameters.Keys];
    private readonly ImmutableSortedDictionary<string, Tensor>.Builder _initializers =
        ImmutableSortedDictionary.CreateBuilder<string, Tensor>(StringComparer.Ordinal);

    private string _scope = "";

    /// <summary>The graph of a network with one input and one output.</summary>
    public Model Trace(Module root, Shape inputShape, string name)
    {
        if (!inputShape.IsStatic)
            throw new CaliperException($"The input shape {inputShape} of {name} must be known, without the batch axis.");
        var input = new Value(InputName, ElementType.Float32, new Shape([Dimension.Named("N"), .. inputShape.Dimensions]));
        var result = Call(root, new Signal(this, input.Name, input.Shape!.Value));
        if (result.Name == InputName) result = Emit("Identity", "identity", result.Shape, [result.Name]);

        string Renamed(string value) => value == result.Name ? OutputName : value;
        var nodes = _nodes.Select(n =>
            n with { Inputs = [.. n.Inputs.Select(Renamed)], Outputs = [.. n.Outputs.Select(Renamed)] });
        var output = new Value(OutputName, ElementType.Float32, result.Shape);
        var graph = new Graph(name, [input], [output], nodes, _initializers.ToImmutable(), _values);
        var opsets = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", Opset);
        return new Model(graph, opsets) { IrVersion = IrVersion };
    }

    /// <summary>Lets a signal flow through a module, inside its scope.</summary>
    public Signal Call(Module module, Signal x)
    {
        var outer = _scope;
        _scope = tree.PathOf(module) ?? ModuleTree.Join(outer, module.GetType().Name.ToLowerInvariant());
        var result = module.Forward(x);
        _scope = outer;
        return result;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The ONNX operator.</param>
    /// <param name="name">Name inside the current scope; empty where the node is all there is of the module.</param>
    /// <param name="shape">Shape of the output.</param>
    /// <param name="inputs">Names of the inputs.</param>
    /// <param name="attributes">Adds the attributes.</param>
    public Signal Emit(string operation, string name, Shape shape, string[] inputs, Func<Node, Node>? attributes = null)
    {
        var path = Unique(name.Length == 0 ? _scope : ModuleTree.Join(_scope, name));
        var node = new Node(path, operation, [.. inputs], [path]);
        _nodes.Add(attributes is null ? node : attributes(node));
        _values.Add(new Value(path, ElementType.Float32, shape));
        return new Signal(this, path, shape);
    }

    /// <summary>The initializers of parameters, without those that the layer does not have.</summary>
    public IEnumerable<string> Weights(params IEnumerable<Parameter?> parameters) =>
        parameters.OfType<Parameter>().Select(Weight);

    /// <summary>A constant of the current scope.</summary>
    public string Constant(string name, Tensor tensor)
    {
        var path = Unique(ModuleTree.Join(_scope, name));
        _initializers[path] = tensor;
        return path;
    }

    /// <summary>An error of the module that is being called.</summary>
    public CaliperException Misfit(string expected, Shape shape) =>
        new($"The layer '{_scope}' expects {expected}, but gets {shape} (N is the batch).");

    private string Weight(Parameter parameter)
    {
        var name = tree.NameOf(parameter) ?? throw new CaliperException($"The layer '{_scope}' has parameters but is no field "
            + "of the network; hold it in a field, so that it has a name in the checkpoint.");
        _initializers[name] = weights[name];
        return name;
    }

    private string Unique(string name)
    {
        var unique = name;
        for (var call = 1; !_names.Add(unique); call++) unique = $"{name}_{call.ToString(CultureInfo.InvariantCulture)}";
        return unique;
    }
}
