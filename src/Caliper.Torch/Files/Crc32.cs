namespace Caliper.Torch.Files;

/// <summary>The checksum of zip archives (ITU-T V.42, reflected polynomial 0xEDB88320), eight bytes at a time.</summary>
internal static class Crc32
{
    // Tables[k][b]: what byte b adds to the checksum when k more bytes follow it in the same step.
    private static readonly uint[][] Tables = BuildTables();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc ^= BitConverter.ToUInt32(bytes);
            crc = Tables[7][crc & 0xff] ^ Tables[6][(crc >> 8) & 0xff] ^ Tables[5][(crc >> 16) & 0xff] ^ Tables[4][crc >> 24]
                ^ Tables[3][bytes[4]] ^ Tables[2][bytes[5]] ^ Tables[1][bytes[6]] ^ Tables[0][bytes[7]];
        }
        foreach (var next in bytes) crc = (crc >> 8) ^ Tables[0][(crc ^ next) & 0xff];
        return ~crc;
    }

    private static uint[][] BuildTables()
    {
        var tables = new uint[8][];
        for (var k = 0; k < 8; k++)
        {
            tables[k] = new uint[256];
            for (var b = 0u; b < 256; b++)
            {
                var crc = k == 0 ? b : tables[k - 1][b];
                if (k > 0) crc = (crc >> 8) ^ tables[0][crc & 0xff];
                else for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
                tables[k][b] = crc;
            }
        }
        return tables;
    }
}
