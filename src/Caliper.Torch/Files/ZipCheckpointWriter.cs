using System.Globalization;
using Caliper.Graphs;
using Caliper.Torch.Pickling;
using static Caliper.Torch.Pickling.PickleOpcode;

namespace Caliper.Torch.Files;

/// <summary>
/// Writes a state dict as <c>torch.save(state_dict, path)</c> does since PyTorch 1.6, for <c>torch.load</c> to read
/// (<c>weights_only=True</c> included). The same tensors always give the same bytes.
/// </summary>
internal static class ZipCheckpointWriter
{
    // torch.save names the folder after the file; a fixed name keeps the bytes independent of it.
    private const string Root = "archive/";

    /// <summary>Writes all tensors.</summary>
    /// <exception cref="CaliperException">PyTorch does not have the type of a tensor, or all are too large together.</exception>
    public static void Write(StateDict tensors, Stream stream)
    {
        var zip = new StoredZip(stream);
        zip.Add(Root + "data.pkl", Pickle(tensors).Span);
        zip.Add(Root + "byteorder", "little"u8);
        var record = 0;
        foreach (var tensor in tensors.Values) zip.Add(Root + "data/" + Key(record++), tensor.Bytes.Span);
        zip.Add(Root + "version", "3\n"u8);
        zip.Finish();
    }

    private static ReadOnlyMemory<byte> Pickle(StateDict tensors)
    {
        var pickle = new PickleWriter();
        EmptyOrderedDict(pickle).Opcode(Mark);
        var record = 0;
        foreach (var (name, tensor) in tensors)
        {
            pickle.Text(name);
            WriteTensor(pickle, name, tensor, Key(record++));
        }
        return pickle.Opcode(SetItems).Opcode(Stop).Bytes;
    }

    private static void WriteTensor(PickleWriter pickle, string name, Tensor tensor, string key)
    {
        var typed = TorchGlobal.StorageClassOf(tensor.Type);
        var dtype = TorchGlobal.DtypeOf(tensor.Type)
            ?? throw new CaliperException($"The tensor '{name}' holds {tensor.Type}, which a PyTorch checkpoint cannot store.");

        // Types younger than the storage classes are saved as untyped bytes with a dtype beside them.
        pickle.Name("torch._utils", typed is null ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2").Opcode(Mark);
        pickle.Opcode(Mark).Text("storage");
        if (typed is null) pickle.Name("torch.storage", "UntypedStorage");
        else pickle.Name("torch", typed);
        pickle.Text(key).Text("cpu").Integer(typed is null ? tensor.Bytes.Length : tensor.Count);
        pickle.Opcode(PickleOpcode.Tuple).Opcode(BinPersid);

        pickle.Integer(0).Integers(tensor.Shape.ToArray()).Integers(RowMajorStrides(tensor.Shape)).Opcode(NewFalse);
        EmptyOrderedDict(pickle);
        if (typed is null) pickle.Name("torch", dtype);
        pickle.Opcode(PickleOpcode.Tuple).Opcode(Reduce);
    }

    private static PickleWriter EmptyOrderedDict(PickleWriter pickle) =>
        pickle.Name("collections", "OrderedDict").Opcode(EmptyTuple).Opcode(Reduce);

    private static long[] RowMajorStrides(Shape shape)
    {
        var strides = new long[shape.Rank];
        var stride = 1L;
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(1, shape[axis].Length);
        }
        return strides;
    }

    private static string Key(int record) => record.ToString(CultureInfo.InvariantCulture);
}
