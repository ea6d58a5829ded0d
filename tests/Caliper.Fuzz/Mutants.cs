using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Fuzz;

/// <summary>An endless row of mutated files; each is made from its index alone.</summary>
internal sealed class Mutants(int seed, string? cases)
{
    private readonly byte[][] _seeds = Seeds.All(cases);

    public int Seed => seed;

    /// <summary>The folder of further models.</summary>
    public string? Cases => cases;

    /// <summary>The file at an index.</summary>
    public byte[] Make(int index)
    {
        var random = new Random(unchecked(seed * 1_000_003 + index));
        var file = _seeds[random.Next(_seeds.Length)];
        if (random.Next(8) == 0) return Damaged(file, random);
        var model = ModelProto.Parser.ParseFrom(file);
        for (var changes = 1 + random.Next(3) * random.Next(2); changes > 0; changes--) StructureMutation.Apply(model, random);
        var made = model.ToByteArray();
        return random.Next(20) == 0 ? Damaged(made, random) : made;
    }

    /// <summary>Bytes are changed, cut out, doubled, or the end is missing.</summary>
    public static byte[] Damaged(byte[] file, Random random)
    {
        var bytes = file.ToList();
        for (var changes = random.Next(1, 6); changes > 0 && bytes.Count > 1; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes.RemoveRange(at, length); break;
                case 1: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 2 when random.Next(4) == 0: bytes.RemoveRange(at, bytes.Count - at); break;
                case 3: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                default: bytes[at] = (byte)random.Next(256); break;
            }
        }
        return [.. bytes];
    }
}
