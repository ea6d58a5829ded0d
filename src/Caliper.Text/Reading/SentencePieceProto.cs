using Google.Protobuf;

namespace Caliper.Text.Reading;

/// <summary>Writes a SentencePiece model (<c>sentencepiece_model.proto</c>): its pieces, and the few settings that matter.</summary>
internal static class SentencePieceProto
{
    private const int Pieces = 1, TrainerSpec = 2, NormalizerSpec = 3;
    private const int Normal = 1, Unknown = 2, Control = 3;

    /// <summary>The bytes of a model of unigrams.</summary>
    /// <param name="pieces">The pieces with the logarithms of their likelihoods; their ids are their places.</param>
    /// <param name="unknown">Which stands for what no piece covers.</param>
    /// <param name="controls">Pieces that no text has.</param>
    /// <param name="charsMap">The table of characters, as SentencePiece compiles it; empty for none.</param>
    public static byte[] Write(IReadOnlyList<(string Piece, float Score)> pieces, int unknown, string[] controls, byte[] charsMap)
    {
        var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            foreach (var (id, (piece, score)) in pieces.Index())
            {
                var type = id == unknown ? Unknown : controls.Contains(piece) ? Control : Normal;
                Message(output, Pieces, part => { Text(part, 1, piece); Float(part, 2, score); Number(part, 3, type); });
            }
            Message(output, TrainerSpec, part =>
            {
                Number(part, 3, 1);
                Number(part, 40, unknown);
                Number(part, 41, PlaceOf("<s>"));
                Number(part, 42, PlaceOf("</s>"));
                Number(part, 43, PlaceOf("<pad>"));
                Text(part, 45, pieces[unknown].Piece);
            });
            Message(output, NormalizerSpec, part =>
            {
                part.WriteTag(2, WireFormat.WireType.LengthDelimited);
                part.WriteBytes(ByteString.CopyFrom(charsMap));
                for (var field = 3; field <= 5; field++) Number(part, field, 1);
            });
        }
        return stream.ToArray();

        int PlaceOf(string piece) => pieces.Index().FirstOrDefault(p => p.Item.Piece == piece, (-1, default)).Index;
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        var stream = new MemoryStream();
        using (var part = new CodedOutputStream(stream, leaveOpen: true)) write(part);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(stream.GetBuffer(), 0, (int)stream.Length));
    }

    private static void Text(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Number(CodedOutputStream output, int field, int number)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(number);
    }

    private static void Float(CodedOutputStream output, int field, float number)
    {
        output.WriteTag(field, WireFormat.WireType.Fixed32);
        output.WriteFloat(number);
    }
}
