audit-export-header = waxtu, ki ko def, tur, bokk, jëf, njeexit, xeetu mbir, mbir, coppite, liggéey, laaj, dëkkuwaay, porogaraam, màndarga
