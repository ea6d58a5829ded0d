using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Testing;

namespace Caliper.Runtime.Tests.Onnx;

public class RoundTripTests
{
    public static TheoryData<string> Models =>
        new("resnet20.onnx", "squeezenet1_0.onnx", "ultraface-rfb-320.onnx", "mobilenet_v2_untrained.onnx");

    [Theory]
    [MemberData(nameof(Models))]
    public void Writing_what_was_read_and_reading_it_again_gives_the_same_bytes(string name)
    {
        var model = OnnxFile.Read(SharedFolder.Path("models", name));
        var bytes = OnnxFile.ToBytes(model);
        Assert.Equal(bytes, OnnxFile.ToBytes(OnnxFile.Read(bytes)));
        Assert.NotEmpty(model.Graph.Nodes);
    }

    [Fact]
    public void Weights_that_an_old_file_lists_as_inputs_are_no_inputs()
    {
        var model = OnnxFile.Read(SharedFolder.Path("models", "ultraface-rfb-320.onnx"));
        Assert.Equal(["input"], model.Graph.Inputs.Select(i => i.Name));
        Assert.Equal(Shape.Of(1, 3, 240, 320), model.Graph.Inputs[0].Shape);
    }
}
