using System.Runtime.InteropServices;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Runtime.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("caliper-external-").FullName;

    public ExternalDataTests()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "sub"));
        var weights = MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6]).ToArray();
        File.WriteAllBytes(Path.Combine(Folder, "weights"), weights);
        File.WriteAllBytes(Path.Combine(Folder, "sub", "weights"), weights);
        File.WriteAllBytes(Path.Combine(_root, "secret"), weights);
    }

    private string Folder => Path.Combine(_root, "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("weights")]
    [InlineData("./weights")]
    [InlineData("sub/weights")]
    [InlineData("sub\\weights")]
    public void Weights_below_the_models_folder_are_read(string location) =>
        Assert.Equal([1, 2, 3, 4, 5, 6], WithWeightsIn(location).Read(Folder).Graph.Constant("w")!.Span<float>().ToArray());

    [Theory]
    [InlineData("../secret")]
    [InlineData("sub/../../secret")]
    [InlineData("sub\\..\\..\\secret")]
    [InlineData("/etc/hostname")]
    [InlineData("\\secret")]
    [InlineData("C:\\secret")]
    [InlineData("C:secret")]
    [InlineData("")]
    [InlineData("weights\0")]
    public void A_place_outside_of_the_models_folder_is_refused(string location) =>
        Refuses(WithWeightsIn(location), "not a plain path");

    [Fact]
    public void A_path_longer_than_any_system_opens_is_refused_before_it_is_followed() =>
        Refuses(WithWeightsIn(string.Concat(Enumerable.Repeat("a/", 1_000_000)) + "weights"), "2000007 characters");

    [Fact]
    public void A_link_that_leads_out_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(Folder, "link"), Path.Combine(_root, "secret"));
        Refuses(WithWeightsIn("link"), "leads out of the model's folder");
    }

    [Fact]
    public void A_folder_link_that_leads_out_is_refused()
    {
        Directory.CreateSymbolicLink(Path.Combine(Folder, "link"), _root);
        Refuses(WithWeightsIn("link/secret"), "leads out of the model's folder");
    }

    [Fact]
    public void A_link_to_a_link_that_leads_out_is_refused()
    {
        Directory.CreateSymbolicLink(Path.Combine(Folder, "out"), _root);
        File.CreateSymbolicLink(Path.Combine(Folder, "link"), Path.Combine(Folder, "out", "secret"));
        Refuses(WithWeightsIn("link"), "leads out of the model's folder");
    }

    [Fact]
    public void A_link_to_itself_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(Folder, "link"), Path.Combine(Folder, "link"));
        Refuses(WithWeightsIn("link"), "too many links");
    }

    [Fact]
    public void A_link_that_stays_inside_is_followed()
    {
        File.CreateSymbolicLink(Path.Combine(Folder, "link"), Path.Combine(Folder, "sub", "weights"));
        Assert.NotNull(WithWeightsIn("link").Read(Folder).Graph.Constant("w"));
    }

    [Fact]
    public void A_file_that_is_missing_is_refused() => Refuses(WithWeightsIn("nothing"), "cannot be read");

    [Fact]
    public void A_folder_in_place_of_a_file_is_refused() => Refuses(WithWeightsIn("sub"), "cannot be read");

    [Theory]
    [InlineData("offset", "4")]
    [InlineData("offset", "9223372036854775807")]
    public void A_region_that_reaches_past_the_end_is_refused(string key, string value) =>
        Refuses(WithWeightsIn("weights", key, value), "has only 24 bytes");

    [Theory]
    [InlineData("length", "23")]
    [InlineData("length", "99999999999")]
    public void A_length_that_is_not_that_of_the_tensor_is_refused(string key, string value) =>
        Refuses(WithWeightsIn("weights", key, value), "takes 24 bytes");

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "1e3")]
    [InlineData("length", "many")]
    public void What_is_no_count_of_bytes_is_refused(string key, string value) =>
        Refuses(WithWeightsIn("weights", key, value), "not a count of bytes");

    [Fact]
    public void Tensors_that_share_a_region_share_memory()
    {
        var proto = WithWeightsIn("weights");
        var twin = proto.Graph.Initializer[0].Clone();
        twin.Name = "w2";
        proto.Graph.Initializer.Add(twin);
        var graph = proto.Read(Folder).Graph;
        Assert.True(graph.Constant("w")!.Bytes.Span == graph.Constant("w2")!.Bytes.Span);
    }

    [Fact]
    public void Tensors_that_overlap_are_refused()
    {
        var proto = WithWeightsIn("weights");
        var twin = ProtoBuilder.Floats("w2", [1], []);
        External(twin, "weights", "offset", "4");
        proto.Graph.Initializer.Add(twin);
        Refuses(proto, "overlaps");
    }

    [Fact]
    public void A_model_from_memory_does_not_read_files() =>
        Assert.Contains("in which folder", Assert.Throws<CaliperException>(() => WithWeightsIn("weights").Read()).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Weights_of_a_body_come_along()
    {
        var body = new GraphProto { Output = { ProtoBuilder.Value("own", Caliper.Graphs.ElementType.Float32) } };
        var own = ProtoBuilder.Floats("own", [6], []);
        External(own, "weights");
        body.Initializer.Add(own);
        var proto = ProtoBuilder.Small();
        proto.Graph.Node[1] = ProtoBuilder.Node("If", ["c"], ["y"], ProtoBuilder.Graph("then_branch", body));
        var back = ModelProto.Parser.ParseFrom(OnnxFile.ToBytes(proto.Read(Folder)));
        Assert.Equal(24, back.Graph.Node[1].Attribute[0].G.Initializer[0].RawData.Length);
    }

    [Fact]
    public void A_file_says_in_its_error_which_file_it_is()
    {
        var path = Path.Combine(Folder, "model.onnx");
        File.WriteAllBytes(path, WithWeightsIn("nothing").ToByteArray());
        Assert.Contains(path, Assert.Throws<CaliperException>(() => OnnxFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_a_link_has_its_weights_beside_its_target()
    {
        File.WriteAllBytes(Path.Combine(Folder, "whole.onnx"), WithWeightsIn("weights").ToByteArray());
        var link = Path.Combine(_root, "link.onnx");
        File.CreateSymbolicLink(link, Path.Combine(Folder, "whole.onnx"));
        Assert.Equal([1, 2, 3, 4, 5, 6], OnnxFile.Read(link).Graph.Constant("w")!.Span<float>().ToArray());
    }

    [Fact]
    public void A_cache_of_links_to_one_folder_of_contents_is_read()
    {
        // As the Hugging Face hub keeps models: names are links, and contents lie together under their sums.
        var (names, contents) = (Directory.CreateDirectory(Path.Combine(_root, "snapshot")).FullName, Folder);
        File.WriteAllBytes(Path.Combine(contents, "0f1e"), WithWeightsIn("model.onnx_data").ToByteArray());
        File.CreateSymbolicLink(Path.Combine(names, "model.onnx"), Path.Combine("..", "model", "0f1e"));
        File.CreateSymbolicLink(Path.Combine(names, "model.onnx_data"), Path.Combine("..", "model", "weights"));
        Assert.Equal(6, OnnxFile.Read(Path.Combine(names, "model.onnx")).Graph.Constant("w")!.Count);
        // What lies elsewhere is still nobody's business.
        File.Delete(Path.Combine(names, "model.onnx_data"));
        File.CreateSymbolicLink(Path.Combine(names, "model.onnx_data"), Path.Combine(_root, "secret"));
        var error = Assert.Throws<CaliperException>(() => OnnxFile.Read(Path.Combine(names, "model.onnx")));
        Assert.Contains("leads out of the model's folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pointer_of_Git_LFS_is_called_that()
    {
        const string pointer = "version https://git-lfs.github.com/spec/v1\n"
            + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
        File.WriteAllText(Path.Combine(Folder, "pointer.onnx"), pointer);
        var error = Assert.Throws<CaliperException>(() => OnnxFile.Read(Path.Combine(Folder, "pointer.onnx")));
        Assert.Contains("git lfs pull", error.Message, StringComparison.Ordinal);
        Assert.Throws<CaliperException>(() => OnnxFile.Read(System.Text.Encoding.UTF8.GetBytes(pointer)));
        File.WriteAllText(Path.Combine(Folder, "weights"), pointer);
        Refuses(WithWeightsIn("weights"), "git lfs pull");
    }

    private static ModelProto WithWeightsIn(string location, string? key = null, string? value = null)
    {
        var proto = ProtoBuilder.Small();
        proto.Graph.Initializer[0].FloatData.Clear();
        External(proto.Graph.Initializer[0], location, key, value);
        return proto;
    }

    private static void External(TensorProto tensor, string location, string? key = null, string? value = null)
    {
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        if (key is not null) tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private void Refuses(ModelProto proto, string message)
    {
        var error = Assert.Throws<CaliperException>(() => proto.Read(Folder));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
