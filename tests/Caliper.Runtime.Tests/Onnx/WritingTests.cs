using Caliper.Onnx;
using Caliper.Onnx.Schema;

namespace Caliper.Runtime.Tests.Onnx;

public sealed class WritingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("caliper-onnx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string ModelPath => Path.Combine(_folder, "model.onnx");

    [Fact]
    public void A_file_has_the_bytes_of_the_model_and_nothing_is_left_beside_it()
    {
        var model = ProtoBuilder.Small().Read();
        OnnxFile.Write(model, ModelPath);
        OnnxFile.Write(model, ModelPath);
        Assert.Equal(OnnxFile.ToBytes(model), File.ReadAllBytes(ModelPath));
        Assert.Equal([ModelPath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_an_error_that_names_the_file()
    {
        var path = Path.Combine(_folder, "nowhere", "model.onnx");
        var error = Assert.Throws<CaliperException>(() => OnnxFile.Write(ProtoBuilder.Small().Read(), path));
        Assert.Equal($"The file '{path}' cannot be written: there is no folder '{Path.GetDirectoryName(path)}'.", error.Message);
    }

    [Fact]
    public void What_is_no_path_of_a_file_is_told_by_its_name()
    {
        Assert.Throws<ArgumentNullException>(() => OnnxFile.Read((string)null!));
        Assert.Throws<ArgumentNullException>(() => OnnxFile.Write(ProtoBuilder.Small().Read(), (string)null!));
        Assert.Contains("is empty", Assert.Throws<CaliperException>(() => OnnxFile.Read("")).Message, StringComparison.Ordinal);
        Assert.Equal($"'{_folder}' is a folder; name a file.", Assert.Throws<CaliperException>(() => OnnxFile.Read(_folder)).Message);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_an_error_and_nothing_is_left()
    {
        Directory.CreateDirectory(ModelPath);
        Assert.Throws<CaliperException>(() => OnnxFile.Write(ProtoBuilder.Small().Read(), ModelPath));
        Assert.Equal([ModelPath], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Weights_go_into_a_second_file_where_that_is_asked_for()
    {
        var model = ProtoBuilder.Small().Read();
        OnnxFile.Write(model, ModelPath, new OnnxWriteOptions { ExternalData = true, SmallestExternalInBytes = 20 });
        var data = File.ReadAllBytes(ModelPath + ".data");
        Assert.Equal(model.Graph.Constant("w")!.Bytes.ToArray(), data);
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxFile.Read(ModelPath)));
    }

    [Fact]
    public void Every_weight_in_a_second_file_starts_on_a_page()
    {
        OnnxFile.Write(ProtoBuilder.Small().Read(), ModelPath,
            new OnnxWriteOptions { ExternalData = true, SmallestExternalInBytes = 0 });
        var offsets = ModelProto.Parser.ParseFrom(File.ReadAllBytes(ModelPath)).Graph.Initializer
            .Select(i => i.ExternalData.Single(e => e.Key == "offset").Value);
        Assert.Equal(["0", "4096"], offsets);
        Assert.Equal(4096 + 24, new FileInfo(ModelPath + ".data").Length);
    }

    [Fact]
    public void Weights_too_large_for_one_file_go_into_a_second_one()
    {
        var model = ProtoBuilder.Small().Read();
        OnnxFile.Write(model, ModelPath, new OnnxWriteOptions { LargestSingleFileInBytes = 35, SmallestExternalInBytes = 0 });
        Assert.True(File.Exists(ModelPath + ".data"));
    }

    [Fact]
    public void A_model_with_a_second_file_can_be_replaced_while_it_is_in_use()
    {
        var options = new OnnxWriteOptions { ExternalData = true, SmallestExternalInBytes = 0 };
        OnnxFile.Write(ProtoBuilder.Small().Read(), ModelPath, options);
        var model = OnnxFile.Read(ModelPath);
        OnnxFile.Write(model, ModelPath, options);
        Assert.Equal(OnnxFile.ToBytes(model), OnnxFile.ToBytes(OnnxFile.Read(ModelPath)));
    }

    [Fact]
    public void The_order_of_the_file_does_not_depend_on_the_order_of_dictionaries()
    {
        var proto = ProtoBuilder.Small();
        var bytes = OnnxFile.ToBytes(proto.Read());
        (proto.Graph.Initializer[0], proto.Graph.Initializer[1]) = (proto.Graph.Initializer[1], proto.Graph.Initializer[0]);
        Assert.Equal(bytes, OnnxFile.ToBytes(proto.Read()));
    }
}
