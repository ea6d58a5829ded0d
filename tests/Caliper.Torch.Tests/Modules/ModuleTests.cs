using Caliper.Graphs;
using Caliper.Torch.Modules;

namespace Caliper.Torch.Tests.Modules;

public class ModuleTests
{
    private sealed class Residual : Module
    {
        private readonly Conv2d conv1 = new(4, 4, 3, padding: 1, bias: false);
        private readonly BatchNorm2d _bn1 = new(4);
        private readonly ReLU relu = new();

        private Conv2d conv2 { get; } = new(4, 4, 1);

        protected internal override Signal Forward(Signal x) => (x.Through(conv1, _bn1, relu, conv2) + x).Through(relu);
    }

    private sealed class Net : Module
    {
        private readonly Sequential layer1 = new(new Residual(), new Residual());
        private readonly Sequential head = new()
        {
            { "pool", new AdaptiveAvgPool2d(1) },
            { "flat", new Flatten() },
            { "fc", new Linear(4, 5) },
        };

        protected internal override Signal Forward(Signal x) => x.Through(layer1, head, new Softmax());
    }

    private static readonly Shape Input = Shape.Of(4, 6, 6);

    [Fact]
    public void Nodes_are_named_by_their_module_and_initializers_by_their_parameter()
    {
        var net = new Net();
        var graph = net.ToModel(net.RandomWeights(), Input).Model.Graph;

        Assert.Equal(
            [
                "layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu", "layer1.0.conv2", "layer1.0.add", "layer1.0.relu_1",
                "layer1.1.conv1", "layer1.1.bn1", "layer1.1.relu", "layer1.1.conv2", "layer1.1.add", "layer1.1.relu_1",
                "head.pool", "head.flat", "head.fc", "softmax",
            ],
            graph.Nodes.Select(n => n.Name));
        Assert.Equal(net.RandomWeights().Keys.Order(StringComparer.Ordinal), graph.Initializers.Keys);
        Assert.Equal("layer1.0.bn1", graph.Nodes[1].Output);
        Assert.Equal(["layer1.0.conv2.weight", "layer1.0.conv2.bias"], graph.Nodes[3].Inputs.Skip(1));
    }

    [Fact]
    public void The_graph_goes_from_input_to_output_with_a_free_batch_axis()
    {
        var net = new Net();
        var model = net.ToModel(net.RandomWeights(), Input).Model;

        Assert.Equal("input: Float32 N×4×6×6", model.Graph.Inputs.Single().ToString());
        Assert.Equal("output: Float32 N×5", model.Graph.Outputs.Single().ToString());
        Assert.Equal(("Net", 17, 8), (model.Graph.Name, model.Opset, model.IrVersion));
        Assert.Equal("N×4×6×6", model.Graph.Find("layer1.1.add")!.Shape.ToString());
    }

    [Fact]
    public void Every_key_that_does_not_fit_is_listed_in_one_error()
    {
        var net = new Net();
        var weights = net.RandomWeights().Where(w => w.Key is not ("layer1.0.bn1.bias" or "head.fc.bias"))
            .Select(w => w.Key == "layer1.1.conv2.weight" ? new(w.Key, Tensor.Vector(1f)) : w)
            .Append(new("extra.weight", Tensor.Vector(1f))).Append(new("extra.bias", Tensor.Vector(1f)));

        var error = Assert.Throws<CaliperException>(() => net.ToModel(new StateDict(weights, "'some.pth'"), Input));

        Assert.Equal(
            "The weights in 'some.pth' do not fit the network Net. Keys that are missing: layer1.0.bn1.bias, head.fc.bias. "
            + "Keys that are unexpected: extra.weight, extra.bias. "
            + "Keys that are of another shape: layer1.1.conv2.weight (expected 4×4×1×1, not 1).",
            error.Message);
    }

    [Fact]
    public void The_counter_of_training_batches_may_be_there()
    {
        var net = new Net();
        var weights = new StateDict(net.RandomWeights().Append(new("layer1.0.bn1.num_batches_tracked", Tensor.Scalar(7L))));
        Assert.Equal(weights.Count - 1, net.ToModel(weights, Input).Model.Graph.Initializers.Count);
    }

    [Fact]
    public void Weights_of_other_float_types_become_float32()
    {
        var linear = new Linear(2, 2);
        var weights = new StateDict(
        [
            new("weight", Tensor.Of(Shape.Of(2, 2), new Half[] { (Half)0.5f, (Half)(-2), (Half)3, (Half)65504 })),
            new("bias", new Tensor(ElementType.BFloat16, Shape.Of(2), new byte[] { 0x80, 0x3f, 0x00, 0xc0 })),
        ]);
        var graph = linear.ToModel(weights, Shape.Of(2)).Model.Graph;
        Assert.Equal([0.5f, -2, 3, 65504], graph.Constant("weight")!.Span<float>().ToArray());
        Assert.Equal([1f, -2], graph.Constant("bias")!.Span<float>().ToArray());
    }

    [Fact]
    public void Integer_weights_are_refused_by_name()
    {
        var weights = new StateDict([new("weight", Tensor.Of(Shape.Of(1, 2), new sbyte[2]))]);
        CaliperError.Says("weight (Int8)", () => new Linear(2, 1, bias: false).ToModel(weights, Shape.Of(2)));
    }

    [Fact]
    public void A_layer_that_does_not_fit_its_input_says_which_one_it_is()
    {
        var net = new Sequential(new Conv2d(3, 8, 3), new Sequential { { "fc", new Linear(8, 2) } });
        var error = Assert.Throws<CaliperException>(() => net.ToModel(net.RandomWeights(), Shape.Of(3, 8, 8)));
        Assert.Equal("The layer '1.fc' expects N×8 (put a Flatten before it), but gets N×8×6×6 (N is the batch).", error.Message);
    }

    [Fact]
    public void A_window_larger_than_the_image_is_refused() =>
        AssertRefused(new MaxPool2d(5), Shape.Of(1, 4, 8), "at least 5×5");

    [Fact]
    public void Signals_of_different_shapes_are_not_added() =>
        AssertRefused(new AddsDifferentShapes(), Input, "do not fit together");

    [Fact]
    public void A_layer_with_parameters_that_is_no_field_is_refused() =>
        AssertRefused(new Nameless(), Shape.Of(2), "hold it in a field");

    [Fact]
    public void A_module_that_contains_itself_is_refused() =>
        AssertRefused(new Endless(), Input, "contains itself");

    [Fact]
    public void Groups_must_divide_the_channels() =>
        CaliperError.Says("3 groups", () => new Conv2d(4, 8, 3, groups: 3));

    [Fact]
    public void A_step_of_zero_is_refused() =>
        CaliperError.Says("stride 0×1", () => new Conv2d(4, 8, 3, stride: (0, 1)));

    [Fact]
    public void Modules_called_input_and_output_do_not_clash_with_those_of_the_graph()
    {
        var net = new Sequential { { "input", new ReLU() }, { "output", new Tanh() } };
        var graph = net.ToModel(net.RandomWeights(), Shape.Of(2)).Model.Graph;
        Assert.Equal(("input", "output"), (graph.Inputs.Single().Name, graph.Outputs.Single().Name));
        Assert.Equal("output", graph.Nodes[^1].Output);
    }

    [Fact]
    public void A_network_of_nothing_still_has_an_output() =>
        Assert.Equal("Identity", new Identity().ToModel(new StateDict([]), Shape.Of(2)).Model.Graph.Nodes.Single().OpType);

    private static void AssertRefused(Module module, Shape shape, string part) =>
        CaliperError.Says(part, () => module.ToModel(module.RandomWeights(), shape));

    private sealed class AddsDifferentShapes : Module
    {
        protected internal override Signal Forward(Signal x) => x + x.Through(new MaxPool2d(2));
    }

    private sealed class Nameless : Module
    {
        protected internal override Signal Forward(Signal x) => x.Through(new Linear(2, 2));
    }

    private sealed class Endless : Module
    {
        private readonly Module self;

        public Endless() => self = this;

        protected internal override Signal Forward(Signal x) => x.Through(self);
    }
}
