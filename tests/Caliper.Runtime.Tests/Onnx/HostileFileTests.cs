using System.Diagnostics;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using CsCheck;
using Google.Protobuf;

namespace Caliper.Runtime.Tests.Onnx;

public class HostileFileTests
{
    [Fact]
    public void The_file_that_has_everything_is_fine_before_it_is_spoilt() =>
        Assert.NotEmpty(ProtoBuilder.Rich().Read(Path.GetTempPath()).Graph.Nodes);

    [Fact]
    public void A_missing_file_is_refused_by_name() =>
        Assert.Contains("nowhere.onnx", Assert.Throws<CaliperException>(() => OnnxFile.Read("nowhere.onnx")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_folder_is_refused() =>
        Assert.Throws<CaliperException>(() => OnnxFile.Read(Path.GetTempPath()));

    [Fact]
    public void An_empty_path_is_refused() => Assert.Throws<CaliperException>(() => OnnxFile.Read(""));

    [Fact]
    public void A_file_that_is_something_else_is_refused() =>
        Refuses("\x89PNG\r\n\x1a\n not a model"u8.ToArray(), "not an ONNX file");

    [Fact]
    public void An_empty_file_is_refused() => Refuses([], "ir_version");

    [Fact]
    public void A_truncated_file_is_refused()
    {
        var bytes = ProtoBuilder.Small().ToByteArray();
        for (var length = 0; length < bytes.Length; length++) ReadsOrRefuses(bytes[..length]);
        Refuses(bytes[..^20], "cut short");
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, bytes[..^20]);
        Assert.Contains(path, Assert.Throws<CaliperException>(() => OnnxFile.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void A_file_without_graph_is_refused() => Refuses(m => m.Graph = null, "no graph");

    [Fact]
    public void A_graph_without_outputs_is_refused() => Refuses(m => m.Graph = new GraphProto(), "no outputs");

    [Theory]
    [InlineData(0, "ir_version")]
    [InlineData(2, "ir_version) 2, Caliper reads 3 to 14")]
    [InlineData(15, "ir_version) 15")]
    public void A_format_version_out_of_range_is_refused(long version, string message) =>
        Refuses(m => m.IrVersion = version, message);

    [Theory]
    [InlineData(6)]
    [InlineData(29)]
    public void An_operator_set_out_of_range_is_refused(long version) =>
        Refuses(m => m.OpsetImport[0].Version = version, $"version {version} of the ONNX operators, Caliper reads 7 to 28");

    [Fact]
    public void A_file_that_does_not_say_its_operator_set_is_refused() =>
        Refuses(m => m.OpsetImport.Clear(), "does not say which version");

    [Fact]
    public void Two_versions_of_one_operator_set_are_refused() =>
        Refuses(m => m.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 12 }), "versions 13 and 12");

    [Fact]
    public void A_cycle_is_refused() => Refuses(m => m.Graph.Node[0].Input[0] = "y", "cycle");

    [Fact]
    public void A_value_that_nothing_produces_is_refused() => Refuses(m => m.Graph.Node[0].Input[0] = "z", "reads 'z'");

    [Fact]
    public void An_output_that_nothing_produces_is_refused() => Refuses(m => m.Graph.Output[0].Name = "z", "'z'");

    [Fact]
    public void A_value_that_is_produced_twice_is_refused() => Refuses(m => m.Graph.Node[1].Output[0] = "c", "more than once");

    [Fact]
    public void Two_inputs_of_one_name_are_refused() =>
        Refuses(m => m.Graph.Input.Add(m.Graph.Input[0].Clone()), "two inputs named 'x'");

    [Fact]
    public void Two_outputs_of_one_name_are_refused() =>
        Refuses(m => m.Graph.Output.Add(m.Graph.Output[0].Clone()), "two outputs named 'y'");

    [Fact]
    public void Two_initializers_of_one_name_are_refused() =>
        Refuses(m => m.Graph.Initializer.Add(m.Graph.Initializer[0].Clone()), "two initializers named 'w'");

    [Fact]
    public void Two_attributes_of_one_name_are_refused() =>
        Refuses(m => m.Graph.Node[0].Attribute.Add(ProtoBuilder.Ints("kernel_shape", 3, 3)),
            "two attributes named 'kernel_shape'");

    [Fact]
    public void A_node_without_operator_is_refused() => Refuses(m => m.Graph.Node[1].ClearOpType(), "no operator type");

    [Fact]
    public void A_node_without_outputs_is_refused() => Refuses(m => m.Graph.Node[1].Output.Clear(), "no outputs");

    [Fact]
    public void A_negative_dimension_of_a_tensor_is_refused() =>
        Refuses(m => m.Graph.Initializer[0].Dims[1] = -2, "'w' has a negative dimension (-2)");

    [Fact]
    public void A_negative_dimension_of_an_input_is_refused() =>
        Refuses(m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = -2, "'x' has a negative dimension (-2)");

    [Fact]
    public void A_product_of_dimensions_that_overflows_is_refused() => Refuses(m =>
    {
        m.Graph.Initializer[0].Dims[0] = long.MaxValue;
        m.Graph.Initializer[0].Dims[1] = long.MaxValue;
    }, "too many elements");

    [Fact]
    public void A_size_in_bytes_that_overflows_is_refused() =>
        Refuses(m => m.Graph.Initializer[1].Dims[0] = long.MaxValue, "too many elements");

    [Fact]
    public void A_tensor_of_fewer_elements_than_declared_is_refused() =>
        Refuses(m => m.Graph.Initializer[0].Dims[0] = 1_000_000_000, "'w' is declared as Float32");

    [Fact]
    public void A_tensor_of_raw_bytes_of_the_wrong_number_is_refused() =>
        Refuses(m => m.Graph.Initializer[1].RawData = ByteString.CopyFrom(1, 2, 3), "takes 12 bytes, but the file holds 3");

    [Theory]
    [InlineData(0)]
    [InlineData(27)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void An_unknown_element_type_is_refused(int type) =>
        Refuses(m => m.Graph.Initializer[1].DataType = type, $"element type {type}");

    [Fact]
    public void A_length_that_promises_more_than_the_file_has_is_refused() =>
        // Field 7 (graph) of two gigabytes, in a file of eight bytes.
        Refuses([0x08, 0x08, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], "cut short");

    [Fact]
    public void Bodies_inside_bodies_without_end_are_refused()
    {
        var graph = ProtoBuilder.Small().Graph;
        for (var depth = 0; depth < 100; depth++)
        {
            var outer = new GraphProto { Output = { ProtoBuilder.Value("y", ElementType.Float32) } };
            outer.Node.Add(ProtoBuilder.Node("If", ["y0"], ["y"], ProtoBuilder.Graph("then_branch", graph)));
            graph = outer;
        }
        Refuses(ProtoBuilder.Model(graph).ToByteArray(), "damaged");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_bytes_change_a_file_is_read_or_refused(bool isRich)
    {
        var bytes = (isRich ? ProtoBuilder.Rich() : ProtoBuilder.Small()).ToByteArray();
        var clock = Stopwatch.StartNew();
        var change = Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte).Array[1, 4];
        Gen.Select(change, Gen.Int[0, bytes.Length], Gen.Bool).Sample((changes, length, cut) =>
        {
            var changed = (byte[])bytes.Clone();
            foreach (var (position, value) in changes) changed[position] = value;
            ReadsOrRefuses(cut ? changed[..length] : changed);
        }, iter: 10_000);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"took {clock.Elapsed}");
    }

    private static void ReadsOrRefuses(byte[] bytes)
    {
        try
        {
            OnnxFile.ToBytes(OnnxFile.Read(bytes, folder: Path.GetTempPath()));
        }
        catch (CaliperException e)
        {
            Assert.Contains("model", e.Message, StringComparison.Ordinal);
        }
    }

    private static void Refuses(Action<ModelProto> spoil, string message)
    {
        var model = ProtoBuilder.Small();
        spoil(model);
        Refuses(model.ToByteArray(), message);
    }

    private static void Refuses(byte[] bytes, string message)
    {
        var error = Assert.Throws<CaliperException>(() => OnnxFile.Read(bytes, "bad.onnx"));
        Assert.Contains("'bad.onnx'", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        using var stream = new MemoryStream(bytes);
        Assert.Equal(error.Message, Assert.Throws<CaliperException>(() => OnnxFile.Read(stream, "bad.onnx")).Message);
    }
}
